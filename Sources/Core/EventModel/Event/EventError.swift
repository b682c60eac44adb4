// SPDX-License-Identifier: Apache-2.0

/// Why an event was refused.
public struct EventError: Error, Hashable, Sendable {
  /// The kinds of refusal besides those of JSON itself.
  public enum Code: String, Sendable, CaseIterable {
    /// The text is valid JSON but not an object.
    case notAnObject = "event-not-an-object"
    /// The text is valid JSON but not an array of events, where one is due.
    case notAnArray = "event-not-an-array"
    /// A required attribute is missing or null.
    case missingAttribute = "event-missing-attribute"
    /// An attribute has a value that CloudEvents does not allow.
    case badAttribute = "event-bad-attribute"
    /// An attribute's name has characters other than a-z and 0-9.
    case badName = "event-bad-name"
    /// Both `data` and `data_base64` are given.
    case twoPayloads = "event-two-payloads"
    /// The event is one of a chain longer than the hop limit.
    case tooManyHops = "event-too-many-hops"
  }

  /// The stable code: one of `Code`, or the code of a `JSONError`.
  public let code: String
  /// The offset of the offending byte from the start of the text.
  public let offset: Int
  /// What is wrong, in words that end before " at offset N".
  public let message: String

  private init(code: String, offset: Int, message: String) {
    self.code = code
    self.offset = offset
    self.message = message
  }

  init(_ code: Code, at offset: Int, _ message: String) {
    self.init(code: code.rawValue, offset: offset, message: message)
  }

  init(_ error: JSONError) {
    self.init(code: error.code.rawValue, offset: error.offset, message: error.message)
  }

  /// The same error in a text of which this event is the part that begins at `start`.
  func moved(by start: Int) -> EventError {
    EventError(code: code, offset: offset + start, message: message)
  }
}

extension EventError: CustomStringConvertible {
  /// The message with its offset and code, on one line.
  public var description: String { "\(message) at offset \(offset) [\(code)]" }
}
