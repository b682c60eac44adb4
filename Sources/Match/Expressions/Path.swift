// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The way to a value: a root and the members and elements that lead from it.
public struct Path: Sendable, Hashable {
  /// Where a path begins.
  public enum Root: String, Sendable, Hashable {
    case event, env, steps
  }

  /// One step of the way.
  public enum Accessor: Sendable, Hashable {
    case member(String)
    case element(Int)
  }

  /// Where the path begins.
  public let root: Root
  /// The way from there.
  public let accessors: [Accessor]
  /// The path as it was written.
  public let text: String

  /// Reads a path.
  public init(_ text: String) throws(ExpressionError) {
    var parser = PathParser(text)
    (root, accessors) = try parser.path()
    self.text = String(text.trimmingBlanks)
  }

  /// The value at the end of the path.
  public func value(in scope: Scope) throws(EvaluationError) -> JSONValue {
    switch root {
    case .event: return try JSONValue(follow(scope.event))
    case .env:
      guard case .member(let name)? = accessors.first, let value = scope.environment[name] else {
        throw EvaluationError("\(text): the variable is not set")
      }
      return .string(value)
    case .steps: return try output(in: scope)
    }
  }

  private func follow(_ start: JSONView) throws(EvaluationError) -> JSONView {
    var view = start
    for accessor in accessors {
      switch accessor {
      case .member(let name):
        guard let next = view[name] else { throw EvaluationError("\(text): there is no '\(name)'") }
        view = next
      case .element(let index):
        let elements = view.elements
        guard elements.indices.contains(index) else {
          throw EvaluationError("\(text): there is no element \(index)")
        }
        view = elements[index]
      }
    }
    return view
  }

  /// Follows `steps.<id>.output…`.
  private func output(in scope: Scope) throws(EvaluationError) -> JSONValue {
    guard accessors.count >= 2, case .member(let step) = accessors[0], case .member("output") = accessors[1],
      var value = scope.outputs[step]
    else { throw EvaluationError("\(text): that step has no output") }
    for accessor in accessors.dropFirst(2) {
      switch (accessor, value) {
      case (.member(let name), _):
        guard let next = value[name] else { throw EvaluationError("\(text): there is no '\(name)'") }
        value = next
      case (.element(let index), .array(let elements)) where elements.indices.contains(index):
        value = elements[index]
      case (.element(let index), _): throw EvaluationError("\(text): there is no element \(index)")
      }
    }
    return value
  }
}

extension String {
  var trimmingBlanks: Substring {
    let start = drop { $0 == " " || $0 == "\t" || $0 == "\n" }
    let kept = start.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\n" }
    return start.prefix(kept.count)
  }
}
