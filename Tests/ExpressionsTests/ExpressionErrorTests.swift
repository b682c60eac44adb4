// SPDX-License-Identifier: Apache-2.0

import Expressions
import Testing

@Suite struct ExpressionErrorTests {
  private func errors(_ text: String) -> [ExpressionError] {
    do throws(ExpressionErrors) {
      _ = try Expression(text, in: .condition, as: .bool)
      return []
    } catch {
      return error.errors
    }
  }

  private static let mistakes: [(String, ExpressionError.Code, String?)] = [
    ("event.type = 'a'", .syntax, "to compare, write =="),
    ("event.type == 'a' & true", .syntax, "for 'and', write &&"),
    ("event.type == 'a", .syntax, "strings over several lines stand between three quotes"),
    ("evnt.type == 'a'", .unknownName, "did you mean 'event'?"),
    ("event.typ == 'a'", .unknownField, "did you mean 'type'?, or write [\"typ\"] if that is meant"),
    ("event.type.startWith('a')", .unknownFunction, "did you mean 'startsWith'?"),
    ("startsWith(event.type, 'a')", .unknownFunction, "write value.startsWith(…)"),
    ("event.type == 5", .type, nil),
    ("event.type + 5 == 'a'", .type, "make a text of the other one: string(…)"),
    ("1 + 1.0 == 2.0", .type, "convert one of them: double(…), int(…) or uint(…)"),
    ("event.subject", .type, nil),
    ("event.subject.matches('(')", .regex, nil),
    ("has(event)", .macro, "write has(event.data.name), or 'name' in event.data"),
    ("[1].all(x.y, true)", .macro, "write for example all(x, x > 0)"),
    ("'\\q' == event.id", .literal, "a backslash itself is written \\\\"),
    ("99999999999999999999 > 1", .literal, nil),
    ("A{b: 1} == 1", .unknownName, "write a map"),
  ]

  @Test(arguments: mistakes)
  func `tells the kind of a mistake and what could be done`(
    text: String,
    code: ExpressionError.Code,
    help: String?
  ) {
    let errors = errors(text)
    #expect(errors.map(\.code) == [code], "\(errors.map(\.message))")
    #expect(errors.first?.help == help)
  }

  @Test func `tells all mistakes, in the order of their places`() {
    let codes = errors("evnt.type == 'a' && event.typ == 'b' && event.id.foo()").map(\.code)
    #expect(codes == [.unknownName, .unknownField, .unknownFunction])
  }

  @Test(arguments: ["(", "[", "-", "!", "a.b[", "1+", "true?", "x.map(x,"])
  func `refuses to nest without end`(opening: String) {
    let text = String(repeating: opening, count: 5000)
    #expect([[.limit], [.syntax]].contains(errors(text).map(\.code)))
  }

  @Test func `refuses walks within walks that could take for ever`() {
    let list = "event.data.a"
    let text = "\(list).all(a, \(list).all(b, \(list).all(c, \(list).all(d, a == b))))"
    let error = errors(text).first
    #expect(error?.code == .limit)
    #expect(error?.range == 0..<text.utf8.count)
    #expect(error?.message.hasPrefix("the expression could cost ") == true)
  }
}
