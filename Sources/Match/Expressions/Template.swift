// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A text with expressions in it.
public struct Template: Sendable, Hashable {
  enum Part: Sendable, Hashable {
    case text(String)
    case path(Path)
  }

  let parts: [Part]

  /// Reads a text; every error in it is reported, with places in the text's UTF-8.
  ///
  /// `$${{` stands for `${{` itself.
  public init(_ text: String) throws(TemplateErrors) {
    var parts: [Part] = []
    var errors: [ExpressionError] = []
    var literal = ""
    var rest = Substring(text)
    while let open = rest.firstRange(of: "${{") {
      let before = rest[..<open.lowerBound]
      if before.last == "$" {
        literal += before.dropLast() + "${{"
        rest = rest[open.upperBound...]
        continue
      }
      literal += before
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        let start = text.utf8.distance(from: text.startIndex, to: open.lowerBound)
        errors.append(
          ExpressionError(
            .unclosed,
            "this ${{ is never closed",
            at: start..<start + 3,
            help: "close it with }}"
          )
        )
        throw TemplateErrors(errors: errors)
      }
      if !literal.isEmpty { parts.append(.text(literal)) }
      literal = ""
      do throws(ExpressionError) {
        parts.append(.path(try Path(String(rest[open.upperBound..<close.lowerBound]))))
      } catch {
        errors.append(error.moved(by: text.utf8.distance(from: text.startIndex, to: open.upperBound)))
      }
      rest = rest[close.upperBound...]
    }
    literal += rest
    if !literal.isEmpty || parts.isEmpty { parts.append(.text(literal)) }
    guard errors.isEmpty else { throw TemplateErrors(errors: errors) }
    self.parts = parts
  }

  /// The paths in the text, in order.
  public var paths: [Path] {
    parts.compactMap { if case .path(let path) = $0 { path } else { nil } }
  }

  /// The value for an event: a text, or what the one expression yields.
  public func value(in scope: Scope) throws(EvaluationError) -> JSONValue {
    if parts.count == 1, case .path(let path) = parts[0] { return try path.value(in: scope) }
    var result = ""
    for part in parts {
      switch part {
      case .text(let text): result += text
      case .path(let path):
        let value = try path.value(in: scope)
        result += value.string ?? value.json
      }
    }
    return .string(result)
  }
}

/// The errors of one template.
public struct TemplateErrors: Error, Hashable, Sendable {
  /// The errors in the order of their places; at least one.
  public let errors: [ExpressionError]
}
