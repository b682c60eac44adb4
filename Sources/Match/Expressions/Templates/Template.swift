// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A text with expressions in it.
public struct Template: Sendable {
  enum Part: Sendable {
    case text(String)
    case expression(Expression)
  }

  let parts: [Part]

  /// Reads a text; every error in it is told, with places in the text's UTF-8.
  ///
  /// `$${{` stands for `${{` itself. Braces and quotes within an expression are its own, so that it may hold maps and
  /// any string.
  public init(_ text: String, in environment: ExpressionEnvironment) throws(ExpressionErrors) {
    var reader = TemplateReader(Array(text.utf8), environment)
    parts = reader.read()
    guard reader.errors.isEmpty else { throw ExpressionErrors(reader.errors) }
  }

  /// The expressions in the text, in order.
  public var expressions: [Expression] {
    parts.compactMap { if case .expression(let expression) = $0 { expression } else { nil } }
  }

  /// The value for an event: a text, or what the one expression yields.
  ///
  /// The result is data and is never read as a template again.
  public func value(in scope: Scope) throws(EvaluationError) -> JSONValue {
    if parts.count == 1, case .expression(let expression) = parts[0] { return try expression.json(in: scope) }
    var result = ""
    for part in parts {
      switch part {
      case .text(let text): result += text
      case .expression(let expression):
        let value = try expression.json(in: scope)
        result += value.string ?? value.json
      }
    }
    return .string(result)
  }
}

/// Splits a text into its parts.
private struct TemplateReader {
  private let bytes: [UInt8]
  private let environment: ExpressionEnvironment
  private var offset = 0
  private var literal: [UInt8] = []
  private var parts: [Template.Part] = []
  private(set) var errors: [ExpressionError] = []

  private static let opening = Array("${{".utf8)

  init(_ bytes: [UInt8], _ environment: ExpressionEnvironment) {
    self.bytes = bytes
    self.environment = environment
  }

  mutating func read() -> [Template.Part] {
    while offset < bytes.count {
      if bytes[offset] == UInt8(ascii: "$"), bytes[(offset + 1)...].starts(with: Self.opening) {
        literal += Self.opening
        offset += 1 + Self.opening.count
      } else if bytes[offset...].starts(with: Self.opening) {
        readExpression()
      } else {
        literal.append(bytes[offset])
        offset += 1
      }
    }
    if !literal.isEmpty || parts.isEmpty { finishLiteral() }
    return parts
  }

  private mutating func finishLiteral() {
    parts.append(.text(String(decoding: literal, as: UTF8.self)))
    literal = []
  }

  private mutating func readExpression() {
    if !literal.isEmpty { finishLiteral() }
    let start = offset + Self.opening.count
    guard let end = endOfExpression(from: start) else {
      errors.append(
        ExpressionError(
          .unclosed,
          "this ${{ is never closed",
          at: offset..<start,
          help: "close it with }}, and close what it holds"
        )
      )
      offset = bytes.count
      return
    }
    do throws(ExpressionErrors) {
      let text = String(decoding: bytes[start..<end], as: UTF8.self)
      parts.append(.expression(try Expression(text, in: environment)))
    } catch {
      errors += error.errors.map { $0.moved(by: start) }
    }
    offset = end + 2
  }

  /// The offset of the `}}` that closes an expression, which is the first one outside of its strings and maps.
  private func endOfExpression(from start: Int) -> Int? {
    var lexer = Lexer(bytes, from: start)
    var depth = 0
    while true {
      do throws(ExpressionError) {
        let token = try lexer.next()
        switch token.kind {
        case .end: return nil
        case .mark(.openBrace): depth += 1
        case .mark(.closeBrace):
          let place = token.range.lowerBound
          if depth == 0 {
            return place + 1 < bytes.count && bytes[place + 1] == UInt8(ascii: "}") ? place : nil
          }
          depth -= 1
        default: break
        }
      } catch {
        // What is no token is told when the expression is read; here it only must not hide the end.
        return bytes[start...].indices.first { bytes[$0...].starts(with: Array("}}".utf8)) }
      }
    }
  }
}
