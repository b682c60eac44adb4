// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation

/// What has become of runs whose hosts were killed between their steps: their histories beside their effects.
struct SagaFindings {
  /// How many runs have ended in each state.
  private(set) var states: [String: Int] = [:]
  /// The ids of the events that have a run.
  private(set) var events: Set<String> = []
  /// What does not hold, in words.
  private(set) var problems: [String] = []
  private var interrupted = 0
  private var entries = 0

  /// The lines that each step has written, by the event's id and the line's word.
  private let effects: [String: Int]

  init(_ bench: HostBench, rule: String) async throws {
    let text = (try? String(contentsOfFile: bench.work + "/ledger", encoding: .utf8)) ?? ""
    effects = Dictionary(text.split(separator: "\n").map { (String($0), 1) }, uniquingKeysWith: +)
    let positions = try await Self.ids(bench)
    var before = ""
    while true {
      let page = [("rule", rule), ("limit", "1000")] + (before.isEmpty ? [] : [("before", before)])
      guard case .array(let runs) = try await bench.client.query(["runs"], page), !runs.isEmpty else {
        return
      }
      for run in runs {
        guard let number = run["run"]?.json, let event = positions[run["position"]?.json ?? ""] else {
          continue
        }
        before = number
        note(try await bench.client.query(["runs", number]), event)
      }
    }
  }

  /// The ids of the events by their positions.
  private static func ids(_ bench: HostBench) async throws -> [String: String] {
    try await bench.emit(#"{"type":"marker"}"#)
    var ids: [String: String] = [:]
    try await bench.follow { events in
      guard let event = events.last else { return false }
      if event["type"]?.string == "load", let position = event["sequence"]?.string.flatMap({ Int64($0) }) {
        ids["\(position)"] = event["id"]?.string
      }
      return event["type"]?.string == "marker"
    }
    return ids
  }

  private mutating func note(_ run: JSONValue, _ event: String) {
    events.insert(event)
    let state = run["state"]?.string ?? ""
    states[state, default: 0] += 1
    guard case .array(let history)? = run["history"] else {
      return problems.append("the run of \(event) has no history")
    }
    entries += history.count
    let kinds = history.map { (step: $0["step"]?.string ?? "", kind: $0["kind"]?.string ?? "") }
    interrupted += kinds.count { $0.kind == "interrupted" }
    checkSteps(kinds, event)
    checkEnd(kinds, state, event)
    for name in ["take", "give"] { checkEffects(of: name, kinds, event) }
    noteBranches(of: run, event, rootState: state)
  }

  /// Branches end as their run does.
  private mutating func noteBranches(of run: JSONValue, _ event: String, rootState: String) {
    guard case .array(let branches)? = run["branches"] else { return }
    for branch in branches {
      guard case .array(let history)? = branch["history"] else { continue }
      entries += history.count
      let place = branch["place"]?.json ?? ""
      let kinds = history.map { entry in
        // The steps of the branches of a list have the same names.
        let step = entry["step"]?.string ?? ""
        let isNumbered = step == "right" || step == "right.compensate"
        let name = isNumbered ? step.replacing("right", with: "right" + place) : step
        return (step: name, kind: entry["kind"]?.string ?? "")
      }
      interrupted += kinds.count { $0.kind == "interrupted" }
      checkSteps(kinds, event)
      for name in ["left", "right0", "right1"] where kinds.contains(where: { $0.step == name }) {
        checkEffects(of: name, kinds, event)
      }
      checkBranch(branch, kinds, event, rootState)
      noteBranches(of: branch, event, rootState: rootState)
    }
  }

  /// What a branch has done is taken back if its run fails, and not otherwise.
  private mutating func checkBranch(
    _ branch: JSONValue,
    _ kinds: [(step: String, kind: String)],
    _ event: String,
    _ rootState: String
  ) {
    let done = kinds.filter { $0.kind == "done" }.map(\.step)
    let undone = Set(done.filter { $0.hasSuffix(".compensate") }.map { String($0.dropLast(11)) })
    let state = branch["state"]?.string ?? ""
    let name = "branch \(branch["run"]?.json ?? "") of \(event)"
    switch rootState {
    case "done":
      if state != "done" || !undone.isEmpty { problems.append("\(name) is \(state), its run done") }
    case "compensated" where state != "dropped":
      let left = Set(done.filter { !$0.hasSuffix(".compensate") }).subtracting(undone)
      if !left.isEmpty { problems.append("\(name) has not taken back \(left)") }
    default: break
    }
  }

  /// A step that is done, or has failed for good, is not made again.
  private mutating func checkSteps(_ kinds: [(step: String, kind: String)], _ event: String) {
    var ended: Set<String> = []
    // What a person does is no attempt, nor is that a branch is to take back what it has done; what its own branches have done is
    // asked again then.
    let others = ["cancelled", "dropped"]
    for (step, kind) in kinds where !others.contains(kind) && !(step == "pair" && kind == "interrupted") {
      if ended.contains(step) { problems.append("\(step) of \(event) goes on after its end: \(kind)") }
      if ["done", "passed", "dead"].contains(kind) { ended.insert(step) }
    }
  }

  /// What a run has done is taken back if it fails, the last step first, and not otherwise.
  private mutating func checkEnd(_ kinds: [(step: String, kind: String)], _ state: String, _ event: String) {
    let done = kinds.filter { $0.kind == "done" }.map(\.step)
    // Branches may have done something, though not enough of them.
    let undone = done.filter { $0.hasSuffix(".compensate") }.map { String($0.dropLast(11)) }
      .filter { $0 != "sides" || done.contains("sides") }
    let owed = Array(done.filter { ["take", "give", "sides"].contains($0) }.reversed())
    switch state {
    case "done":
      if !undone.isEmpty { problems.append("the run of \(event) is done and has taken back \(undone)") }
      if done.last != "tell" { problems.append("the run of \(event) has not come to its last step: \(done)") }
    case "compensated":
      if undone != owed { problems.append("the run of \(event) has taken back \(undone) of \(owed)") }
    case "stuck", "dead":
      // One that was under way when three hosts ended is given up, and that can be seen.
      if kinds.last?.kind != "dead" { problems.append("the run of \(event) is \(state) for no reason") }
    default: problems.append("the run of \(event) is \(state)")
    }
  }

  /// Each attempt has written one line at most, and that of a step that is done at least one.
  private mutating func checkEffects(
    of name: String,
    _ kinds: [(step: String, kind: String)],
    _ event: String
  ) {
    for (step, word) in [(name, name), (name + ".compensate", "un" + name)] {
      let lines = effects["\(event) \(word)", default: 0]
      let attempts = kinds.count { $0.step == step }
      let least = kinds.contains { $0.step == step && $0.kind == "done" } ? 1 : 0
      if lines < least || lines > attempts {
        problems.append("\(step) of \(event) has written \(lines) lines in \(attempts) attempts")
      }
    }
  }

  /// How many of each there are, in words.
  var figures: String {
    let states = states.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return "\(events.count) runs (\(states)), \(entries) attempts, \(interrupted) of them interrupted"
  }
}
