// SPDX-License-Identifier: Apache-2.0

/// Why an expression has no value for an event.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of error.
  public enum Code: String, Sendable, CaseIterable {
    /// A field, key or element that does not exist.
    case missing = "no-such-field"
    /// Values of types that do not go together.
    case overload = "no-such-overload"
    /// A result too great for its type.
    case overflow = "overflow"
    /// A division by zero.
    case division = "division-by-zero"
    /// A value that a function cannot work with.
    case argument = "bad-argument"
    /// The expression cost more than it may.
    case cost = "too-costly"
  }

  /// The kind of error.
  public let code: Code
  /// What is wrong, in words.
  public let message: String
  /// The bytes of the part of the expression that failed; nil until that is known.
  public internal(set) var range: Range<Int>?
  /// The part that failed, as it was written; empty until that is known.
  public internal(set) var part = ""

  init(_ code: Code, _ message: String, at range: Range<Int>? = nil) {
    self.code = code
    self.message = message
    self.range = range
  }

  /// The part that failed and what is wrong with it.
  public var description: String { part.isEmpty ? message : "\(part): \(message)" }

  /// The same error with a place, unless it has one.
  func at(_ range: Range<Int>) -> EvaluationError {
    var error = self
    if error.range == nil { error.range = range }
    return error
  }
}
