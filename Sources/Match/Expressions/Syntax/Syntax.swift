// SPDX-License-Identifier: Apache-2.0

/// A part of an expression, with the place in the text that it was read from.
///
/// Macros are expanded already; operators are calls of functions that no name can spell, such as `_+_`.
struct Syntax: Sendable {
  let kind: Kind
  /// The bytes of the expression's text.
  let range: Range<Int>

  indirect enum Kind: Sendable {
    case literal(Value)
    /// A name; with `isAbsolute` it was written with a leading dot.
    case name(String, isAbsolute: Bool)
    /// `operand.field`, `operand.?field`, or `has(operand.field)`.
    case select(Syntax, field: String, Selection)
    /// `operand[index]` or `operand[?index]`.
    case index(Syntax, Syntax, isOptional: Bool)
    case call(target: Syntax?, function: String, [Syntax])
    /// Parts joined by `&&` or `||`.
    case logical(Logical, [Syntax])
    case conditional(Syntax, Syntax, Syntax)
    case list([Element])
    case map([Entry])
    /// `name{field: value}`, which only protocol buffers have.
    case message(String)
    case comprehension(Comprehension)
    /// `cel.bind(name, value, body)`.
    case bind(String, Syntax, Syntax)
    /// `optional.optMap(name, body)` or `optFlatMap`.
    case optionalMap(Syntax, String, Syntax, isFlat: Bool)
  }

  enum Selection: Sendable { case plain, optional, test }
  enum Logical: Sendable { case and, or }

  /// An element of a list; an optional one is left out when it is missing.
  struct Element: Sendable {
    let value: Syntax
    let isOptional: Bool
  }

  /// An entry of a map; an optional one is left out when its value is missing.
  struct Entry: Sendable {
    let key: Syntax
    let value: Syntax
    let isOptional: Bool
  }
}

/// A walk over the elements of a list or the entries of a map.
struct Comprehension: Sendable {
  enum Kind: Sendable {
    case all, exists, existsOne
    /// A list of what `body` yields.
    case list
    /// A list of the elements for which `filter` holds.
    case filter
    /// The elements in the order of what `body` yields for them.
    case sort
    /// A map with the walk's own keys and what `body` yields.
    case map
    /// A map of the entries that `body`, a map, holds.
    case mapEntries
  }

  let kind: Kind
  let range: Syntax
  /// One name for an element or key, or two for index or key and value.
  let names: [String]
  let filter: Syntax?
  let body: Syntax?
}
