// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Testing

@Suite struct TemplateTests {
  private let scope: Scope

  init() throws {
    let event =
      #"{"type":"a","data":{"name":"x y","size":10,"big":12345678901234567890,"tags":["p","q"],"a key":{"b":null}}}"#
    var results = RunResults()
    results.run = 7
    results.outputs = ["move": ["path": "/b", "list": [1, 2]]]
    results.variables = ["total": 12]
    scope = Scope(
      event: JSONContent(try JSONDocument(Array(event.utf8))),
      in: ScopeSurroundings(environment: ["HOME": "/home/ada"], secrets: ["TOKEN": "s3cret"]),
      results: results
    )
  }

  private func template(_ text: String) throws(ExpressionErrors) -> Template {
    var earlier = ExpressionEnvironment.EarlierSteps()
    (earlier.ids, earlier.variables) = (["move"], ["total"])
    return try Template(text, in: .step(after: earlier, allowsSecrets: true))
  }

  @Test(arguments: [
    ("plain", #""plain""#),
    ("", #""""#),
    ("${{ event.data.size }}", "10"),
    ("${{ vars.total + 1.0 }}", "13"),
    ("run ${{ run.id }}", #""run 7""#),
    ("${{ event.data.big }}", "12345678901234567890"),
    ("${{event.data.tags}}", #"["p","q"]"#),
    ("${{ event.data.tags[1] }}", #""q""#),
    (#"${{ event.data["a key"] }}"#, #"{"b":null}"#),
    ("a ${{ event.data.size }} b ${{ event.data.name }}", #""a 10 b x y""#),
    ("${{ env.HOME }}/Invoices", #""/home/ada/Invoices""#),
    ("${{ steps.move.output.path }}", #""/b""#),
    ("${{ steps.move.output.list[0] }}", "1"),
    ("$${{ event.data.size }}", #""${{ event.data.size }}""#),
    ("${{ event.data.size > 5.0 ? 'large' : 'small' }}", #""large""#),
    ("${{ {'a': {'b': '}}'}} }}", #"{"a":{"b":"}}"}}"#),
    ("${{ event.data.?nope.orValue('none') }}", #""none""#),
    ("${{ event.data.tags.map(t, t + '!') }}", #"["p!","q!"]"#),
    ("${{ secret('TOKEN') }}", #""s3cret""#),
  ])
  func `fills in values and keeps the type of a whole expression`(text: String, json: String) throws {
    #expect(try template(text).value(in: scope).json == json)
  }

  @Test(arguments: [
    ("${{ event.data.nope }}", "event.data.nope: there is no 'nope'"),
    ("${{ event.data.tags[2] }}", "event.data.tags[2]: there is no element 2 among 2"),
    ("${{ env.NOPE }}", "env.NOPE: there is no 'NOPE'"),
    ("${{ steps.move.output.nope }}", "steps.move.output.nope: there is no 'nope'"),
    (
      "${{ event.data.size + 1 }}",
      "event.data.size + 1: '+' does not take double, int; numbers of JSON are doubles, so write 1.0 or convert with int(…)"
    ),
  ])
  func `says what is missing`(text: String, message: String) throws {
    let template = try template(text)
    let error = #expect(throws: EvaluationError.self) { try template.value(in: scope) }
    #expect(error?.description == message)
  }

  @Test(arguments: [
    ("a ${{ event.data", ExpressionError.Code.unclosed, 2..<5),
    ("${{ evnt.data }}", .unknownName, 4..<8),
    ("${{ event.data + }}", .syntax, 17..<17),
    ("${{ event..data }}", .syntax, 10..<11),
    ("${{ event[x] }}", .unknownName, 10..<11),
    ("${{ event.tyep }}", .unknownField, 4..<14),
    ("${{ steps.later.output }}", .unknownField, 4..<15),
    ("${{ }}", .syntax, 4..<4),
  ])
  func `points at the mistake`(text: String, code: ExpressionError.Code, range: Range<Int>) {
    let errors = #expect(throws: ExpressionErrors.self) { try template(text) }
    #expect(errors?.errors.map(\.code) == [code])
    #expect(errors?.errors.map(\.range) == [range])
  }

  @Test func `does not read its own result as a template`() throws {
    let event = JSONContent(try JSONDocument(Array(##"{"data":"${{ env.HOME }}"}"##.utf8)))
    #expect(try template("${{ event.data }}").value(in: Scope(event: event)) == "${{ env.HOME }}")
  }

  @Test func `knows no secrets where they are not allowed`() {
    let environment = ExpressionEnvironment.step(after: .init(), allowsSecrets: false)
    let errors = #expect(throws: ExpressionErrors.self) {
      try Template("${{ secret('A') }}", in: environment)
    }
    #expect(errors?.errors.map(\.message) == ["secrets are only for the parameters of 'uses'"])
  }
}
