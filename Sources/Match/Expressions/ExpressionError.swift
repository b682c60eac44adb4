// SPDX-License-Identifier: Apache-2.0

/// Why an expression cannot be read.
public struct ExpressionError: Error, Hashable, Sendable {
  /// The kinds of error.
  public enum Code: String, Sendable, CaseIterable {
    /// The text is not an expression.
    case syntax = "expression-syntax"
    /// The first word names nothing.
    case root = "expression-root"
    /// A `${{` has no `}}`.
    case unclosed = "expression-unclosed"
  }

  /// The kind of error.
  public let code: Code
  /// What is wrong, in words.
  public let message: String
  /// The bytes of the text that are meant.
  public let range: Range<Int>
  /// What could be done about it.
  public let help: String?

  init(_ code: Code, _ message: String, at range: Range<Int>, help: String? = nil) {
    self.code = code
    self.message = message
    self.range = range
    self.help = help
  }

  func moved(by start: Int) -> ExpressionError {
    ExpressionError(code, message, at: range.lowerBound + start..<range.upperBound + start, help: help)
  }
}

/// Why an expression has no value for an event.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is missing, in words.
  public let description: String

  init(_ description: String) { self.description = description }
}
