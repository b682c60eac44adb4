// SPDX-License-Identifier: Apache-2.0

/// Why a cron expression was refused, and where.
public struct CronError: Error, Hashable, Sendable {
  /// The kinds of refusal; the raw value is the stable code shown to people.
  public enum Code: String, Sendable, CaseIterable {
    /// The expression does not have five or six fields.
    case fieldCount = "cron-field-count"
    /// A field does not follow the grammar.
    case syntax = "cron-syntax"
    /// A number is out of its field's range, or a range runs backwards.
    case range = "cron-range"
    /// No date ever satisfies the expression.
    case never = "cron-never"
  }

  /// The kind of refusal.
  public let code: Code
  /// The bytes of the expression that are wrong.
  public let range: Range<Int>
  /// What is wrong, in words.
  public let message: String

  init(_ code: Code, _ range: Range<Int>, _ message: String) {
    self.code = code
    self.range = range
    self.message = message
  }
}

extension CronError: CustomStringConvertible {
  /// The message with its code.
  public var description: String { "\(message) [\(code.rawValue)]" }
}
