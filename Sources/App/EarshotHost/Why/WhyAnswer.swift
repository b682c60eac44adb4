// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
public import EventModel
import Expressions
import Rules

/// Why rules reacted to an event, or did not.
public struct WhyAnswer: Sendable {
  /// One rule's part of the answer.
  public struct Line: Sendable, Hashable {
    /// The rule.
    public let rule: String
    /// `matched`, `error`, `missed` or `disabled`.
    public let verdict: String
    /// What decided, in words.
    public let reason: String
    /// The same for programs.
    public let json: JSONValue
  }

  /// The event, as the log gives it.
  public let event: JSONValue
  /// The revision of the rules that were in force.
  public let revision: String
  /// The rules: those that matched, then the nearest misses first.
  public let lines: [Line]

  /// What the log knows of an event beside the event itself.
  struct Record {
    /// The runs that it has led to.
    var runs: [Run]
    /// What was decided about it.
    var decisions: [Decision]
    /// The windows that hold it.
    var windows: [PendingItem]
    /// Whether it came from another log, and was shown to no rule.
    var isImported = false
  }

  /// Whether the event came from another log, and was shown to no rule.
  public let isImported: Bool

  init(event: JSONValue, revision: String, explanations: [RuleExplanation], record: Record) {
    self.event = event
    self.revision = revision
    isImported = record.isImported
    lines = explanations.map { explanation in
      let rule = explanation.rule.id
      return Self.line(
        explanation,
        Record(
          runs: record.runs.filter { $0.rule == rule },
          decisions: record.decisions.filter { $0.rule == rule },
          windows: record.windows.filter { $0.rule == rule }
        )
      )
    }
  }

  /// The answer for programs.
  public var json: JSONValue {
    let imported = isImported ? [JSONValue.Member("imported", true)] : []
    return .object(
      [.init("event", event), .init("revision", .string(revision))] + imported
        + [.init("rules", .array(lines.map(\.json)))]
    )
  }

  private static func line(_ explanation: RuleExplanation, _ record: Record) -> Line {
    let (verdict, reason, details) = describe(explanation)
    let decisions = record.decisions.filter { $0.kind != .joined }.map(\.kind.reason)
    let windows = record.windows.map { window in
      "\(window.kind) \(window.id.text) holds it" + (window.due.map { " until \($0.rfc3339)" } ?? "")
    }
    let states = record.runs.map {
      "run \($0.id.rawValue) is \($0.state.name)" + ($0.failure.map { ": \($0)" } ?? "")
    }
    let members: [JSONValue.Member] =
      [
        .init("rule", .string(explanation.rule.id)), .init("verdict", .string(verdict)),
        .init("reason", .string(reason)),
      ] + details + [
        .init("decisions", .array(record.decisions.map(\.json))),
        .init("pending", .array(record.windows.map(\.json))), .init("runs", .array(record.runs.map(\.json))),
      ]
    return Line(
      rule: explanation.rule.id,
      verdict: verdict,
      reason: ([reason] + decisions + windows + states).filter { !$0.isEmpty }.joined(separator: "; "),
      json: .object(members)
    )
  }

  private static func describe(
    _ explanation: RuleExplanation
  ) -> (verdict: String, reason: String, details: [JSONValue.Member]) {
    switch explanation.outcome {
    case .matched: return ("matched", "", [])
    case .disabled: return ("disabled", "the rule is switched off", [])
    case .called: return ("missed", "no event triggers the rule; others call it", [])
    case .type(let found, let wanted):
      return ("missed", "type is \(found), not \(list(wanted))", [.init("clause", "type")])
    case .source(let found, let wanted):
      return ("missed", "source is \(found), not \(list(wanted))", [.init("clause", "source")])
    case .pattern(let path, let found, let expected):
      let value = found.isEmpty ? "missing" : found.map(\.json).joined(separator: ", ")
      return (
        "missed", "match: \(path) is \(cut(value)), and \(cut(expected.json)) was expected",
        [
          .init("clause", "match"), .init("path", .string(path)), .init("found", .array(found)),
          .init("expected", expected),
        ]
      )
    case .arrays:
      return (
        "missed", "match: each part holds, but not within one element of an array", [.init("clause", "match")]
      )
    case .condition(let why):
      return ("missed", "condition is false: \(why.part)\(seen(why))", condition(explanation.rule, why))
    case .failure(let error, let why, let runs):
      let details =
        condition(explanation.rule, why) + [
          .init("code", .string(error.code.rawValue)), .init("message", .string(error.message)),
          .init("runs_anyway", .bool(runs)),
        ]
      let place = explanation.rule.condition?.place
      let location = place.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
      return ("error", "\(location)\(error.description)\(seen(why))", details)
    }
  }

  private static func condition(_ rule: Rule, _ why: Explanation) -> [JSONValue.Member] {
    [
      .init("clause", "condition"),
      .init("condition", rule.condition.map { .string($0.expression.text) } ?? .null),
      .init("part", .string(why.part)),
      .init("seen", .object(why.seen.map { .init($0.path, .string($0.value)) })),
    ]
  }

  private static func seen(_ why: Explanation) -> String {
    why.seen.isEmpty ? "" : "  (" + why.seen.map { "\($0.path) = \($0.value)" }.joined(separator: ", ") + ")"
  }

  private static func list(_ words: [String]) -> String { words.joined(separator: " or ") }

  private static func cut(_ text: String) -> String { text.count > 80 ? text.prefix(77) + "…" : text }
}

extension Decision.Kind {
  /// What was decided, in words.
  var reason: String {
    switch self {
    case .deduplicated: "deduplicated: an equal event had passed shortly before"
    case .throttled: "throttled: too many had passed shortly before"
    case .superseded: "debounced: another event of the same window was reacted to"
    case .expired: "not enough of the other events came in time"
    case .answered: "what was expected after it has come"
    case .blocked: "the rule's mode did not let it begin beside other runs"
    case .forgotten: "its window was cancelled, or the rules changed"
    case .joined: "one of several events of a run"
    case .own: "a run of the rule has written the file itself"
    }
  }
}

extension Decision {
  /// The decision as programs read it.
  var json: JSONValue {
    let run = run.map { [JSONValue.Member("run", .number("\($0.rawValue)"))] } ?? []
    return .object([.init("kind", .string("\(kind)"))] + run)
  }
}
