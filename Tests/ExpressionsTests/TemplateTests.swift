// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Testing

@Suite struct TemplateTests {
  private let scope: Scope

  init() throws {
    let event = #"{"type":"a","data":{"name":"x y","size":10,"tags":["p","q"],"a key":{"b":null}}}"#
    scope = Scope(
      event: try JSONDocument(Array(event.utf8)).root,
      environment: ["HOME": "/home/ada"],
      outputs: ["move": ["path": "/b", "list": [1, 2]]]
    )
  }

  @Test(arguments: [
    ("plain", #""plain""#),
    ("", #""""#),
    ("${{ event.data.size }}", "10"),
    ("${{event.data.tags}}", #"["p","q"]"#),
    ("${{ event.data.tags[1] }}", #""q""#),
    (#"${{ event.data["a key"] }}"#, #"{"b":null}"#),
    ("a ${{ event.data.size }} b ${{ event.data.name }}", #""a 10 b x y""#),
    ("${{ env.HOME }}/Invoices", #""/home/ada/Invoices""#),
    ("${{ steps.move.output.path }}", #""/b""#),
    ("${{ steps.move.output.list[0] }}", "1"),
    ("$${{ event.data.size }}", #""${{ event.data.size }}""#),
  ])
  func `fills in values and keeps the type of a whole expression`(text: String, json: String) throws {
    #expect(try Template(text).value(in: scope).json == json)
  }

  @Test(arguments: [
    ("${{ event.data.nope }}", #"event.data.nope: there is no 'nope'"#),
    ("${{ event.data.tags[2] }}", "event.data.tags[2]: there is no element 2"),
    ("${{ env.NOPE }}", "env.NOPE: the variable is not set"),
    ("${{ steps.other.output }}", "steps.other.output: that step has no output"),
  ])
  func `says what is missing`(text: String, message: String) throws {
    let template = try Template(text)
    #expect(throws: EvaluationError.self) { try template.value(in: scope) }
    do throws(EvaluationError) { _ = try template.value(in: scope) } catch {
      #expect(error.description == message)
    }
  }

  @Test(arguments: [
    ("a ${{ event.data", ExpressionError.Code.unclosed, 2..<5),
    ("${{ evnt.data }}", .root, 4..<8),
    ("${{ event.data + 1 }}", .syntax, 15..<16),
    ("${{ event..data }}", .syntax, 10..<11),
    ("${{ event[x] }}", .syntax, 10..<11),
    ("${{ }}", .syntax, 4..<5),
  ])
  func `points at the mistake`(text: String, code: ExpressionError.Code, range: Range<Int>) {
    do throws(TemplateErrors) {
      _ = try Template(text)
      Issue.record("was accepted")
    } catch {
      #expect(error.errors.map(\.code) == [code])
      #expect(error.errors.map(\.range) == [range])
    }
  }

  @Test func `does not read its own result as a template`() throws {
    let event = try JSONDocument(Array(##"{"data":"${{ env.HOME }}"}"##.utf8)).root
    let value = try Template("${{ event.data }}").value(in: Scope(event: event, environment: ["HOME": "x"]))
    #expect(value == "${{ env.HOME }}")
  }
}
