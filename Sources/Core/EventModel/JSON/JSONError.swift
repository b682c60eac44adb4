// SPDX-License-Identifier: Apache-2.0

/// Why a JSON text was refused, and where.
public struct JSONError: Error, Hashable, Sendable {
  /// The kinds of refusal; the raw value is the stable code shown to people.
  public enum Code: String, Sendable, CaseIterable {
    /// The text breaks the grammar of RFC 8259.
    case syntax = "json-syntax"
    /// The text ends inside a value.
    case unexpectedEnd = "json-unexpected-end"
    /// Something follows the value.
    case trailingData = "json-trailing-data"
    /// The text is not valid UTF-8.
    case invalidUTF8 = "json-invalid-utf8"
    /// A `\u` escape stands for half of a surrogate pair.
    case loneSurrogate = "json-lone-surrogate"
    /// An object repeats a key.
    case duplicateKey = "json-duplicate-key"
    /// Objects and arrays nest too deeply.
    case tooDeep = "json-too-deep"
    /// The text is too long.
    case tooLarge = "json-too-large"
  }

  /// The kind of refusal.
  public let code: Code
  /// The offset of the offending byte from the start of the text.
  public let offset: Int
  /// What was expected or found, in words that follow "at offset N: ".
  public let message: String

  /// Makes an error.
  public init(_ code: Code, at offset: Int, _ message: String) {
    self.code = code
    self.offset = offset
    self.message = message
  }
}

extension JSONError: CustomStringConvertible {
  /// The message with its offset and code, on one line.
  public var description: String { "\(message) at offset \(offset) [\(code.rawValue)]" }
}
