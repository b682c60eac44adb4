// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// Compares what rules do on both sides, firing by firing.
///
/// A firing waits for its counterpart; once nothing can come any more from what it goes back to, there is none. Counts are exact;
/// what was done is kept for as many as examples may need.
struct FiringComparison {
  enum Side {
    case before, after
  }

  /// How many waiting firings of a rule keep what they did.
  private static let mostKept = 64
  /// From how many on waiting firings are looked through.
  private static let fewest = 8192

  /// What a waiting firing did.
  private final class Deeds: Sendable {
    let firing: RuleFiring
    init(_ firing: RuleFiring) { self.firing = firing }
  }

  private struct Waiting {
    let rule: Int
    let side: Side
    let conduct: Fingerprint
    let root: LogPosition
    let deeds: Deeds?
  }

  private var waiting: [Fingerprint: [Waiting]] = [:]
  private var count = 0
  private var countAfterLook = 0
  private var lines: [BacktestReport.Line] = []
  private var places: [String: Int] = [:]
  private var kept: [Int: Int] = [:]
  private let mostExamples: Int
  private let recording: Recording
  private let redaction: SecretRedaction

  /// Compares all rules of two sets.
  init(
    _ before: RuleSet,
    _ after: RuleSet,
    examples: Int,
    _ recording: Recording,
    _ redaction: SecretRedaction
  ) {
    let (old, new) = (Set(before.rules.map(\.id)), Set(after.rules.map(\.id)))
    self.init(old, new, examples: examples, recording, redaction)
  }

  /// Compares one rule, which both sides have.
  init(only rule: String, examples: Int, _ recording: Recording, _ redaction: SecretRedaction) {
    self.init([rule], [rule], examples: examples, recording, redaction)
  }

  private init(
    _ old: Set<String>,
    _ new: Set<String>,
    examples: Int,
    _ recording: Recording,
    _ redaction: SecretRedaction
  ) {
    mostExamples = examples
    self.recording = recording
    self.redaction = redaction
    for rule in old.union(new).sorted() {
      var line = BacktestReport.Line(rule)
      line.exists = (old.contains(rule), new.contains(rule))
      places[rule] = lines.count
      lines.append(line)
    }
  }

  /// Takes a firing of one side.
  mutating func take(_ firing: RuleFiring, on side: Side) throws {
    guard let rule = places[firing.rule] else { return }
    switch side {
    case .before: lines[rule].firings.before += 1
    case .after: lines[rule].firings.after += 1
    }
    if let other = takeOther(than: side, firing.key) {
      guard other.conduct != firing.conduct else { return }
      return try note(.changed, rule, [other.deeds?.firing, firing], isTurned: side == .before)
    }
    let isAlone = side == .before ? !lines[rule].exists.after : !lines[rule].exists.before
    if isAlone { return try note(side == .before ? .lost : .gained, rule, [firing], isTurned: false) }
    count += 1
    let keeps = kept[rule, default: 0] < Self.mostKept
    if keeps { kept[rule, default: 0] += 1 }
    waiting[firing.key, default: []].append(
      Waiting(
        rule: rule,
        side: side,
        conduct: firing.conduct,
        root: firing.root,
        deeds: keeps ? Deeds(firing) : nil
      )
    )
  }

  /// The firing of the other side that has waited for longest under a key.
  private mutating func takeOther(than side: Side, _ key: Fingerprint) -> Waiting? {
    guard let first = waiting[key]?.first, first.side != side else { return nil }
    if waiting[key]?.count == 1 { waiting[key] = nil } else { waiting[key]?.removeFirst() }
    forget(first)
    return first
  }

  private mutating func forget(_ firing: Waiting) {
    count -= 1
    if firing.deeds != nil { kept[firing.rule, default: 0] -= 1 }
  }

  /// Whether it is worth while to look which firings have waited in vain.
  var isFull: Bool { count >= max(Self.fewest, 2 * countAfterLook) }

  /// Decides about firings that go back to what came before a recorded event: nothing more comes of that.
  mutating func settle(before root: LogPosition) throws {
    var found: [Waiting] = []
    for (key, list) in waiting where list.contains(where: { $0.root < root }) {
      found += list.filter { $0.root < root }
      let rest = list.filter { $0.root >= root }
      waiting[key] = rest.isEmpty ? nil : rest
    }
    for firing in found.sorted(by: { $0.root < $1.root }) {
      forget(firing)
      try note(
        firing.side == .before ? .lost : .gained,
        firing.rule,
        firing.deeds.map { [$0.firing] } ?? [],
        isTurned: false
      )
    }
    countAfterLook = count
  }

  /// Counts a difference, and keeps it as an example if there are few of its kind.
  private mutating func note(
    _ kind: BacktestReport.Kind,
    _ rule: Int,
    _ firings: [RuleFiring?],
    isTurned: Bool
  ) throws {
    lines[rule].differences[kind, default: 0] += 1
    guard lines[rule].examples.count(where: { $0.kind == kind }) < mostExamples else { return }
    let known = firings.compactMap { $0 }
    guard let first = known.first, known.count == firings.count, !known.isEmpty else { return }
    let sides = isTurned ? known.reversed() : known
    let conducts = sides.map(conduct)
    lines[rule].examples.append(
      BacktestReport.Example(
        kind: kind,
        events: try events(of: first),
        before: kind == .gained ? nil : conducts[0],
        after: kind == .lost ? nil : conducts[conducts.count - 1]
      )
    )
  }

  private func conduct(_ firing: RuleFiring) -> BacktestReport.Conduct {
    BacktestReport.Conduct(
      delay: firing.delay,
      deeds: firing.deeds.map { deed in
        BacktestReport.Deed(
          step: deed.step,
          kind: deed.kind,
          value: (try? JSONValue(json: redaction.redacted(deed.value))) ?? .null,
          offset: deed.offset
        )
      },
      omitted: firing.omittedDeeds,
      state: firing.state
    )
  }

  private func events(of firing: RuleFiring) throws -> [BacktestReport.Event] {
    try firing.positions.indices.map { index in
      let place = BacktestPosition.recorded(firing.positions[index])
      let made = firing.made[index]
      let json = try made?.json ?? recording.event(at: place)?.json ?? []
      let event = (try? JSONDocument(json))?.root
      return BacktestReport.Event(
        position: made?.root ?? place,
        type: event?["type"]?.string ?? "",
        source: event?["source"]?.string ?? "",
        isMade: made.map { $0.counterpart != $0.root } ?? false
      )
    }
  }

  /// The lines, once all is taken and settled; `failures` says how often conditions of each rule had no value.
  mutating func finish(failures: (before: [String: Int], after: [String: Int])) throws
    -> [BacktestReport.Line]
  {
    try settle(before: LogPosition(rawValue: .max))
    for index in lines.indices {
      let rule = lines[index].rule
      lines[index].failures = (failures.before[rule] ?? 0, failures.after[rule] ?? 0)
    }
    return lines
  }
}
