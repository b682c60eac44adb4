// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel

/// How two sets of rules differ over the same events.
public struct BacktestReport: Sendable {
  /// What a step of a run did.
  public enum DeedKind: Int64, Sendable {
    /// It called an action.
    case action
    /// It emitted an event.
    case emit
    /// It asked a person.
    case ask
    /// It gave the run up, for a reason of its own.
    case fail
    /// It could not be made.
    case impossible
  }

  /// Something that a run did.
  public struct Deed: Sendable, Hashable {
    /// The id of the step, behind that of its rule if that was called by another one.
    public let step: String
    /// What it did.
    public let kind: DeedKind
    /// The parameters, the event, or a text.
    public let value: JSONValue
    /// How long after the rule had fired.
    public let offset: Duration
  }

  /// What a rule did when it had fired.
  public struct Conduct: Sendable, Hashable {
    /// How long after its event the rule fired.
    public let delay: Duration
    /// What its run did, in order.
    public let deeds: [Deed]
    /// How many more things it did.
    public let omitted: Int
    /// How its run ended, or how it stood in the end.
    public let state: RunState
  }

  /// An event to which a rule has reacted.
  public struct Event: Sendable, Hashable {
    /// Where it stands in the log, or for an event that was made, what it goes back to.
    public let position: LogPosition
    /// Its type.
    public let type: String
    /// Where it came from.
    public let source: String
    /// Whether it was made in the backtest, since rules emit it.
    public let isMade: Bool
  }

  /// The kinds of differences.
  public enum Kind: String, Sendable, CaseIterable {
    /// Only the new rules fire.
    case gained
    /// Only the old rules fire.
    case lost
    /// Both fire, and do not do the same.
    case changed
  }

  /// One difference.
  public struct Example: Sendable, Hashable {
    /// What it is.
    public let kind: Kind
    /// What the rule reacted to.
    public let events: [Event]
    /// What the old rules did; nil when they did not fire.
    public let before: Conduct?
    /// What the new rules did; nil when they did not fire.
    public let after: Conduct?
  }

  /// What is said of one rule.
  public struct Line: Sendable, Hashable {
    /// The rule.
    public let rule: String
    /// Whether the old rules and the new ones have it.
    public var exists = (before: true, after: true)
    /// How often it fired on each side.
    public var firings = (before: 0, after: 0)
    /// How many firings only the new rules have, only the old ones have, and both have, with something else done.
    public var differences = [Kind: Int]()
    /// How often its condition, or a key, had no value on each side.
    public var failures = (before: 0, after: 0)
    /// Some of the differences.
    public var examples: [Example] = []

    /// Whether there is no difference.
    public var isSame: Bool { differences.values.allSatisfy { $0 == 0 } && failures.before == failures.after }

    init(_ rule: String) { self.rule = rule }

    /// Compares all but the examples' order.
    public static func == (left: Line, right: Line) -> Bool {
      left.rule == right.rule && left.exists == right.exists && left.firings == right.firings
        && left.differences == right.differences && left.failures == right.failures
        && left.examples == right.examples
    }

    /// Hashes the rule's name.
    public func hash(into hasher: inout Hasher) { hasher.combine(rule) }
  }

  /// The rules of both sides, in the order of their names.
  public let lines: [Line]
  /// How many recorded events there were.
  public let events: Int
  /// The first and the last of them; nil when there were none.
  public let span: (first: LogPosition, last: LogPosition)?
  /// Up to when time passed, so that windows closed after the last event.
  public let end: Timestamp

  /// Whether there is no difference at all.
  public var isSame: Bool { lines.allSatisfy(\.isSame) }
}

extension BacktestReport {
  /// The report as programs read it.
  public var json: JSONValue {
    [
      "events": .number("\(events)"), "first": span.map { .number($0.first.description) } ?? .null,
      "last": span.map { .number($0.last.description) } ?? .null, "until": .string(end.rfc3339),
      "same": .bool(isSame), "rules": .array(lines.map(\.json)),
    ]
  }
}

extension BacktestReport.Line {
  /// The line as programs read it.
  public var json: JSONValue {
    [
      "rule": .string(rule), "exists": Self.pair(.bool(exists.before), .bool(exists.after)),
      "firings": Self.pair(.number("\(firings.before)"), .number("\(firings.after)")),
      "gained": count(.gained), "lost": count(.lost), "changed": count(.changed),
      "failures": Self.pair(.number("\(failures.before)"), .number("\(failures.after)")),
      "examples": .array(examples.map(\.json)),
    ]
  }

  private func count(_ kind: BacktestReport.Kind) -> JSONValue { .number("\(differences[kind] ?? 0)") }

  private static func pair(_ before: JSONValue, _ after: JSONValue) -> JSONValue {
    ["before": before, "after": after]
  }
}

extension BacktestReport.Example {
  /// The example as programs read it.
  public var json: JSONValue {
    [
      "kind": .string(kind.rawValue),
      "events": .array(
        events.map { event in
          [
            "position": .number(event.position.description), "type": .string(event.type),
            "source": .string(event.source), "made": .bool(event.isMade),
          ]
        }
      ),
      "before": before?.json ?? .null, "after": after?.json ?? .null,
    ]
  }
}

extension BacktestReport.Conduct {
  fileprivate var json: JSONValue {
    [
      "after_ms": BacktestReport.milliseconds(delay), "state": .string("\(state)"),
      "deeds": .array(deeds.map(\.json)), "omitted": .number("\(omitted)"),
    ]
  }
}

extension BacktestReport.Deed {
  /// The deed as programs read it.
  public var json: JSONValue {
    [
      "step": .string(step), "kind": .string("\(kind)"), "value": value,
      "after_ms": BacktestReport.milliseconds(offset),
    ]
  }
}

extension BacktestReport {
  fileprivate static func milliseconds(_ duration: Duration) -> JSONValue {
    .number("\(duration.microseconds / 1000)")
  }
}
