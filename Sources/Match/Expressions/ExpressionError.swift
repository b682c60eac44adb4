// SPDX-License-Identifier: Apache-2.0

/// Why an expression cannot be read.
public struct ExpressionError: Error, Hashable, Sendable {
  /// The kinds of error.
  public enum Code: String, Sendable, CaseIterable {
    /// The text is not an expression.
    case syntax = "expression-syntax"
    /// A number, a string or an escape in one is not possible.
    case literal = "expression-literal"
    /// A macro is used in a way that it does not work.
    case macro = "expression-macro"
    /// The expression is too long or nests too deep, or could cost too much.
    case limit = "expression-limit"
    /// A name that stands for nothing.
    case unknownName = "expression-unknown-name"
    /// A function that does not exist.
    case unknownFunction = "expression-unknown-function"
    /// A field that the value cannot have.
    case unknownField = "expression-unknown-field"
    /// Types that do not go together.
    case type = "expression-type"
    /// A regular expression that cannot be read.
    case regex = "expression-regex"
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

/// The errors of one expression or template.
public struct ExpressionErrors: Error, Hashable, Sendable {
  /// The errors in the order of their places; at least one.
  public let errors: [ExpressionError]

  init(_ errors: [ExpressionError]) { self.errors = errors }
}
