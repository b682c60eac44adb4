// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules

/// What must hold of the log of a simulation.
struct LogChecks {
  let scenario: Scenario
  let disk: InMemoryLog

  private func runs() throws -> [Run] {
    try disk.runs(after: .start, states: Set(RunState.allCases), limit: .max)
  }

  /// What must hold at any time; gives what does not.
  func violationNow() throws -> String? {
    var gates: [[UInt8]: Int] = [:]
    var turns: [[UInt8]: RunID] = [:]
    for run in try runs() {
      if let gate = run.gate, run.state.holdsGate {
        gates[gate, default: 0] += 1
        if gates[gate] ?? 0 > scenario.most(at: run) {
          return "run \(run.id.rawValue) of '\(run.rule)' is too much at its gate"
        }
      }
      if let turn = run.turn, run.state.holdsTurn {
        if let other = turns[turn] {
          return "runs \(other.rawValue) and \(run.id.rawValue) have the same turn"
        }
        turns[turn] = run.id
      }
    }
    return nil
  }

  /// What must hold when nothing happens any more; gives what does not.
  ///
  /// `acknowledged` are events by their ids, `emitted` what must be there of replies of plugins, by subject; `reacting`
  /// are the triggers of rules that must have reacted to each event once.
  func violationInTheEnd(
    _ acknowledged: [String: [UInt8]],
    _ emitted: [Int: Bool],
    reacting: [String: Trigger]
  ) throws -> String? {
    if let violation = try violationNow() { return violation }
    let runs = try runs()
    // What waits for a branch with which a person has to decide waits on.
    let decided = Set(runs.filter { !$0.state.isOpen && $0.state.isUnderWay }.compactMap(\.branch?.parent))
    var waiting = BranchChecks(runs: runs).waiting(for: decided)
    let held = Set(runs.filter { waiting.contains($0.id) }.compactMap(\.gate))
    waiting.formUnion(runs.filter { $0.state == .queued && $0.gate.map(held.contains) ?? false }.map(\.id))
    if let violation = BranchChecks(runs: runs).violation(scenario) { return violation }
    if let stuck = runs.first(where: { $0.state.isOpen && !waiting.contains($0.id) }) {
      return "run \(stuck.id.rawValue) of '\(stuck.rule)' is \(stuck.state) for ever, and so are "
        + "\(runs.count { $0.state.isOpen } - 1) others: \(stuck)"
    }
    let left = try disk.windows(of: nil, limit: .max).filter {
      !$0.owner.hasSuffix("/start") && !StreamOwner.isOne($0.owner)
    }
    if let window = left.first { return "the window \(window.id) of '\(window.owner)' stays open" }
    let events = try LoggedEvent.all(in: disk)
    return try lost(acknowledged) ?? untied(events) ?? unrouted(events, runs, reacting)
      ?? miscounted(events, runs) ?? unsaid(events, emitted)
  }

  /// An acknowledged event that is not there, or is another one.
  private func lost(_ acknowledged: [String: [UInt8]]) throws -> String? {
    for (id, json) in acknowledged {
      guard let position = try disk.position(source: "s", id: id) else { return "the event '\(id)' is lost" }
      let page = try disk.events(from: position, limit: 1)
      if Array(page.json(0)) != json { return "the event '\(id)' has changed" }
    }
    return nil
  }

  /// An event that does not follow from another one as it says.
  private func untied(_ events: [LoggedEvent]) -> String? {
    let hops = Dictionary(events.map { ($0.id, $0.hops) }) { first, _ in first }
    for event in events {
      if event.hops > EventFormat.maximumHops { return "event \(event.position) is too far from its origin" }
      guard let cause = event.cause else { continue }
      if hops[cause] != event.hops - 1 { return "event \(event.position) does not follow from its cause" }
    }
    return nil
  }

  /// An event to which a rule should have reacted once, and did not or did it more often.
  private func unrouted(_ events: [LoggedEvent], _ runs: [Run], _ reacting: [String: Trigger]) -> String? {
    var counts: [String: Int] = [:]
    for run in runs where reacting[run.rule] != nil && run.branch == nil {
      counts["\(run.rule) \(run.position)", default: 0] += 1
    }
    for (rule, trigger) in reacting {
      for event in events where trigger.types.contains(where: { $0.matches(event.type) }) {
        let count = counts["\(rule) \(event.position)"] ?? 0
        if count != 1 { return "'\(rule)' has reacted to event \(event.position) \(count) times" }
      }
    }
    return nil
  }

  /// A finished step whose event is not there exactly once.
  private func miscounted(_ events: [LoggedEvent], _ runs: [Run]) -> String? {
    var found: [String: Int] = [:]
    for event in events where event.type.hasPrefix("d.") {
      found["\(event.type) of \(event.cause ?? "")", default: 0] += 1
    }
    var least: [String: Int] = [:]
    var most: [String: Int] = [:]
    // In branches nothing is emitted.
    for run in runs where run.branch == nil {
      guard let rule = scenario.rule(run.rule, of: run.revision) else { continue }
      let tag = run.revision == scenario.revisions[0].revision ? "a" : "b"
      // Where a run that takes back what it has done has failed is not to be seen.
      let hasFailed = rule.steps[run.step].compensates != nil
      for (index, step) in rule.steps.enumerated() {
        guard case .emit = step.action else { continue }
        let name = "d.\(run.rule).\(tag).\(step.id) of \(events[Int(run.position.rawValue) - 1].id)"
        let isDone = !hasFailed && (run.step > index || run.state == .done)
        if isDone { least[name, default: 0] += 1 }
        // A step that is done when its run is cancelled leaves its event, too.
        let mayBeDone = isDone || hasFailed || run.step == index && run.state == .cancelled
        if mayBeDone { most[name, default: 0] += 1 }
      }
    }
    for name in Set(found.keys).union(least.keys).sorted() {
      let (count, least, most) = (found[name] ?? 0, least[name] ?? 0, most[name] ?? 0)
      if count < least || count > most {
        return "\(name) is there \(count) times and not \(least) to \(most)"
      }
    }
    return nil
  }

  /// An event of a plugin's reply that is not there although the reply was taken, or is there twice.
  private func unsaid(_ events: [LoggedEvent], _ emitted: [Int: Bool]) -> String? {
    var found: [Int: Int] = [:]
    for event in events where event.type == "p" { found[event.subject, default: 0] += 1 }
    for (subject, isTaken) in emitted {
      let count = found[subject] ?? 0
      if count > 1 || isTaken && count == 0 {
        return "what a plugin said, \(subject), is there \(count) times"
      }
    }
    return nil
  }
}

/// An event of the log, as far as the checks look at it.
struct LoggedEvent {
  let position: Int64
  let id: String
  let type: String
  let subject: Int
  let cause: String?
  let hops: Int

  static func all(in disk: InMemoryLog) throws -> [LoggedEvent] {
    let page = try disk.events(from: .start, limit: .max)
    return try page.entries.indices.map { index in
      let root = try JSONDocument(Array(page.json(index))).root
      return LoggedEvent(
        position: page.entries[index].position.rawValue,
        id: root["id"]?.string ?? "",
        type: root["type"]?.string ?? "",
        subject: root["subject"]?.string.flatMap { Int($0) } ?? 0,
        cause: root["causationid"]?.string,
        hops: Int(root["hops"]?.int ?? 0)
      )
    }
  }
}
