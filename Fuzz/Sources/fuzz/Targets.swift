// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import EventSources
import Expressions
import Matching
import PluginWire
import Rules

/// What is valid JSON comes back the same when it is written and read again.
enum JSONTarget {
  static func run(_ bytes: [UInt8]) -> Int32 {
    guard let document = try? JSONDocument(bytes, limits: .event) else { return 0 }
    let value = JSONValue(document.root)
    var written: [UInt8] = []
    value.appendJSON(to: &written)
    guard let again = try? JSONValue(json: written, limits: .event) else {
      fatalError("what was written is not JSON")
    }
    precondition(again == value, "what was written reads differently")
    precondition(JSONSkip.value(written.span, 0) == written.count, "skipping ends elsewhere")
    return 0
  }
}

/// Every file of rules is taken or refused with diagnostics that can be shown.
enum YAMLTarget {
  private struct Actions: ActionCatalog {
    var pluginNames: [String] { ["command", "log"] }
    func plugin(named name: String) -> PluginDescription? {
      guard pluginNames.contains(name) else { return nil }
      let actions = ["run", "write"].map {
        ActionDescription(name: $0, summary: "", parameters: .any, effects: .none)
      }
      return PluginDescription(name: name, version: "1", actions: actions)
    }
  }

  private struct Sources: SourceCatalog {
    var kinds: [String] { ["files"] }
    func options(of kind: String) -> ParameterSchema? { kind == "files" ? .any : nil }
    func problems(of kind: String, options: JSONValue) -> [OptionProblem] { [] }
  }

  static func run(_ bytes: [UInt8]) -> Int32 {
    let file = RuleFile(name: "rules.yaml", bytes: bytes)
    let (rules, bag) = RuleLoader.load([file], actions: Actions(), sources: Sources())
    precondition((rules == nil) == bag.hasErrors, "no rules and no error")
    for diagnostic in bag.sorted { _ = DiagnosticRenderer().picture(diagnostic) }
    return 0
  }
}

/// A pattern and an event, one line each: every way of matching gives the same verdict.
enum PatternTarget {
  static func run(_ bytes: [UInt8]) -> Int32 {
    let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
    guard parts.count == 2, let value = try? JSONValue(json: Array(parts[0])),
      let pattern = try? EventPattern(value), let event = try? JSONDocument(Array(parts[1]), limits: .event)
    else { return 0 }
    let matcher = PatternMatcher([pattern])
    let verdict = matcher.matches(event.tape, event.bytes)
    guard event.root.kind == .object else {
      precondition(verdict.isEmpty, "what is no object matches")
      return 0
    }
    var scratch = MatchScratch()
    matcher.match(valid: event.bytes.span, &scratch)
    precondition(scratch.matched == verdict, "the text matches otherwise than the tape")
    matcher.match(valid: event.bytes.span, hasDottedKeys: event.tape.hasDottedKeys, &scratch)
    precondition(scratch.matched == verdict, "stopping early matches otherwise")
    return 0
  }
}

/// Every expression is refused, or yields a value or an error within its budget.
enum ExpressionTarget {
  private static let scope: Scope = {
    let event = #"""
      {"specversion":"1.0","id":"1","source":"s","type":"t","time":"2026-01-01T00:00:00Z",
      "data":{"a":1,"b":[1,2,{"c":"x"}],"d":"text","e":null,"f":{"g":true}}}
      """#
    guard let document = try? JSONDocument(Array(event.utf8)) else { fatalError("the event is JSON") }
    return Scope(
      event: JSONContent(document),
      in: ScopeSurroundings(environment: ["HOME": "/h"], secrets: [:])
    )
  }()

  static func run(_ bytes: [UInt8]) -> Int32 {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let expression = try? Expression(text, in: .step(after: ["s"], allowsSecrets: false)) else {
      _ = try? Template(text, in: .condition)
      return 0
    }
    _ = try? expression.json(in: scope)
    _ = expression.explanation(in: scope)
    return 0
  }
}
