// SPDX-License-Identifier: Apache-2.0

extension Syntax {
  /// The name that a part spells, such as `a.b.c`; nil when it is no chain of plain selections from a name.
  var qualifiedName: (name: String, first: String, isAbsolute: Bool)? {
    switch kind {
    case .name(let name, let isAbsolute): return (name, name, isAbsolute)
    case .select(let operand, let field, .plain):
      guard let (name, first, isAbsolute) = operand.qualifiedName else { return nil }
      return (name + "." + field, first, isAbsolute)
    default: return nil
    }
  }
}

/// The variables that walks and bindings have declared around a part of an expression.
struct LocalScope<Content> {
  private var locals: [(name: String, content: Content)] = []

  mutating func push(_ name: String, _ content: Content) { locals.append((name, content)) }
  mutating func pop(_ count: Int = 1) { locals.removeLast(count) }

  /// What the innermost variable of that name is.
  func find(_ name: String) -> Content? { locals.last { $0.name == name }?.content }

  var names: [String] { locals.map(\.name) }
}
