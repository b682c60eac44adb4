// SPDX-License-Identifier: Apache-2.0

/// A word of an expression.
struct Token: Sendable {
  enum Kind: Sendable, Equatable {
    /// A name, a reserved word, or a name in backquotes, which only a selection may have.
    case name, reserved, quotedName
    /// `in`.
    case membership
    case int, uint, double
    case string, bytes
    case `true`, `false`, null
    /// An operator or another mark, such as `&&` or `(`.
    case mark(StaticMark)
    case end
  }

  /// The marks of the language.
  enum StaticMark: String, Sendable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case and = "&&"
    case or = "||"
    case less = "<"
    case greater = ">"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBracket = "["
    case closeBracket = "]"
    case openBrace = "{"
    case closeBrace = "}"
    case dot = "."
    case comma = ","
    case minus = "-"
    case not = "!"
    case question = "?"
    case colon = ":"
    case plus = "+"
    case times = "*"
    case divide = "/"
    case remainder = "%"

    /// The marks by length, so that the longest one is found first.
    static let byLength = allCases.map { ($0, Array($0.rawValue.utf8)) }.sorted { $0.1.count > $1.1.count }
  }

  let kind: Kind
  /// The bytes of the text.
  let range: Range<Int>
}
