// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What decided about a condition, for people: the part that did and the values that it saw.
public struct Explanation: Sendable, Hashable {
  /// A value that the part saw.
  public struct Seen: Sendable, Hashable {
    /// The way to the value, as it was written.
    public let path: String
    /// The value as it would be written in an expression, or that there is none; cut when it is long.
    public let value: String
  }

  /// The part as it was written.
  public let part: String
  /// The bytes of the expression that the part takes.
  public let range: Range<Int>
  /// What the part saw of the event and of earlier steps, in the order of the text.
  public let seen: [Seen]
}

extension Expression {
  /// The most values that an explanation tells.
  private static let seenLimit = 12

  /// Why a condition does not hold: the first part of a chain of `&&` that is false.
  ///
  /// Evaluates parts of the expression once more; evaluation has no effects.
  public func explanation(in scope: Scope) -> Explanation {
    var part = syntax
    while case .logical(.and, let parts) = part.kind, let first = parts.first(where: { isFalse($0, scope) }) {
      part = first
    }
    return explanation(of: part, in: scope)
  }

  /// What the part saw that an error is about.
  public func explanation(of error: EvaluationError, in scope: Scope) -> Explanation {
    guard let range = error.range, let part = syntax.part(at: range) else {
      return explanation(of: syntax, in: scope)
    }
    return explanation(of: part, in: scope)
  }

  private func isFalse(_ part: Syntax, _ scope: Scope) -> Bool {
    guard case .bool(false)? = try? value(of: part, scope) else { return false }
    return true
  }

  private func value(of part: Syntax, _ scope: Scope) throws -> Value {
    let program = try ProgramBuilder.program(of: part, in: environment)
    var evaluator = Evaluator(program, variables: scope.variables, budget: Self.budget)
    return try evaluator.result()
  }

  private func explanation(of part: Syntax, in scope: Scope) -> Explanation {
    var seen: [Explanation.Seen] = []
    for path in part.paths(below: ["event", "events", "steps"]) where seen.count < Self.seenLimit {
      let text = written(path)
      guard !seen.contains(where: { $0.path == text }) else { continue }
      let value = (try? value(of: path, scope))?.shortText ?? "missing"
      seen.append(Explanation.Seen(path: text, value: value))
    }
    return Explanation(part: written(part), range: part.range, seen: seen)
  }

  private func written(_ part: Syntax) -> String {
    String(decoding: Array(text.utf8)[part.range], as: UTF8.self)
  }
}

extension Syntax {
  /// The parts directly below this one.
  var children: [Syntax] {
    switch kind {
    case .literal, .name, .message: []
    case .select(let operand, _, _): [operand]
    case .index(let operand, let index, _): [operand, index]
    case .call(let target, _, let arguments): (target.map { [$0] } ?? []) + arguments
    case .logical(_, let parts): parts
    case .conditional(let condition, let first, let second): [condition, first, second]
    case .list(let elements): elements.map(\.value)
    case .map(let entries): entries.flatMap { [$0.key, $0.value] }
    case .comprehension(let walk): [walk.range] + [walk.filter, walk.body].compactMap { $0 }
    case .bind(_, let value, let body): [value, body]
    case .optionalMap(let target, _, let body, _): [target, body]
    }
  }

  /// The innermost part that takes just these bytes.
  func part(at range: Range<Int>) -> Syntax? {
    for child in children
    where child.range.lowerBound <= range.lowerBound && child.range.upperBound >= range.upperBound {
      if let found = child.part(at: range) { return found }
    }
    return self.range == range ? self : nil
  }

  /// The longest ways from one of the variables to a field or element, in the order of the text.
  ///
  /// What depends on the local variable of a walk is no such way, and so is left out.
  func paths(below roots: Set<String>) -> [Syntax] {
    if isPath(from: roots) { return [self] }
    return children.flatMap { $0.paths(below: roots) }
  }

  private func isPath(from roots: Set<String>) -> Bool {
    switch kind {
    case .name(let name, isAbsolute: _): return roots.contains(name)
    case .select(let operand, _, let selection): return selection != .test && operand.isPath(from: roots)
    case .index(let operand, let index, _):
      guard case .literal = index.kind else { return false }
      return operand.isPath(from: roots)
    default: return false
    }
  }
}
