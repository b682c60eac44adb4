// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import FaultTesting
import Rules
import Testing

/// Random trees of steps with random failures: each run ends done, or has taken back all that it had done, or is stuck where
/// it can be seen.
///
/// `EARSHOT_TREES` says how many, `EARSHOT_SEED` which is the first.
@Suite struct SagaModelTests {
  @Test func `a run does what its steps say, or takes back what it has done, the last first`() throws {
    let count = UInt64(FaultSize.of("EARSHOT_TREES", short: 400))
    let first = count > 400 ? FaultSize.seed() % 1_000_000_000 : 1
    var ends: [String: Int] = [:]
    var deeds = 0
    for seed in first..<first + count {
      let (end, violation, trace) = try Self.outcome(seed)
      ends[end, default: 0] += 1
      deeds += trace
      if let violation {
        Issue.record("seed \(seed): \(violation)")
        break
      }
    }
    let names = ends.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    print("trees \(count) from \(first), deeds \(deeds), \(names.joined(separator: ", "))")
    #expect(Set(ends.keys) == ["done", "compensated", "dead", "stuck"])
  }

  /// How the run of a seed ended, what does not hold of it, and how much was done.
  private static func outcome(_ seed: UInt64) throws -> (end: String, violation: String?, deeds: Int) {
    let chance = Chance(seed: seed)
    var maker = SagaMaker(chance)
    let block = maker.block()
    let text = SagaText.rules(block)
    let rarity = chance.number(3...12)
    // Of each deed it is certain whether it fails, whenever it is done.
    func fails(_ name: String, once in: Int) -> Bool {
      var random = SeededRandom(seed: name.utf8.reduce(seed) { ($0 &* 31) &+ UInt64($1) })
      return Int.random(in: 0..<`in`, using: &random) == 0
    }
    let undoRarity = chance.once(in: 4) ? 3 : 1_000_000
    let rules = try Scenario([text, text]).revisions[0]
    let bench = SagaBench(rules, chance) { name, isUndo in
      isUndo ? !fails(name + "undo", once: undoRarity) : !fails(name, once: rarity)
    }
    try bench.run()
    let model = SagaModel { !fails($0, once: rarity) }
    let places = SagaModel.places(block, at: "r")
    let check = SagaCheck(
      bench: bench,
      places: places,
      undoable: SagaModel.undoable(block, places.keys),
      holds: model.holds(block, at: "r")
    )
    let (end, violation) = try check.result()
    return (end, violation.map { "\($0)\n\(text)" }, bench.trace.count)
  }
}

/// What must hold of a run that has ended.
struct SagaCheck {
  let bench: SagaBench
  let places: [String: [SagaModel.Place]]
  /// The deeds that can be taken back.
  let undoable: Set<String>
  /// Whether the steps succeed.
  let holds: Bool

  func result() throws -> (end: String, violation: String?) {
    let runs = try bench.log.runs(after: .start, states: Set(RunState.allCases), limit: .max)
    let states = Dictionary(uniqueKeysWithValues: runs.map { ($0.id, $0.state) })
    let root = runs[0]
    let stuck = runs.filter { $0.state == .stuck }
    let end = stuck.isEmpty ? "\(root.state)" : "stuck"
    return (end, try violation(root, states, stuck))
  }

  private func violation(_ root: Run, _ states: [RunID: RunState], _ stuck: [Run]) throws -> String? {
    if let violation = repeated() ?? disordered() { return violation }
    guard stuck.isEmpty else { return try unseen(root, states, stuck) }
    if let open = states.first(where: { $0.value.isUnderWay }) {
      return "run \(open.key.rawValue) is \(open.value)"
    }
    guard holds == (root.state == .done) else {
      return "the run is \(root.state), and its steps say \(holds)"
    }
    return holds ? leftBehind(states) : notTakenBack(root)
  }

  private var done: [SagaBench.Trace] { bench.trace.filter { !$0.isUndo && $0.succeeds } }

  private var undone: [SagaBench.Trace] { bench.trace.filter { $0.isUndo && $0.succeeds } }

  /// A deed that was done or taken back twice, or taken back without having been done.
  private func repeated() -> String? {
    var seen: Set<String> = []
    for deed in bench.trace where !seen.insert("\(deed.name) \(deed.isUndo)").inserted {
      return "\(deed.name) was done twice"
    }
    let names = Set(done.map(\.name))
    return bench.trace.first { $0.isUndo && !names.contains($0.name) }.map {
      "\($0.name) was taken back for nothing"
    }
  }

  /// A deed that was done before one that comes before it, or taken back while one that comes after it was done.
  private func disordered() -> String? {
    for (index, deed) in bench.trace.enumerated() {
      let before = bench.trace[..<index].filter { !$0.isUndo && $0.succeeds }.map(\.name)
      for later in bench.trace[(index + 1)...] where later.isUndo == deed.isUndo {
        guard let one = places[deed.name], let other = places[later.name] else {
          return "\(deed.name) is no deed"
        }
        let isWrong =
          deed.isUndo
          ? SagaModel.isBefore(one, other) && before.contains(later.name) : SagaModel.isBefore(other, one)
        if isWrong { return "\(later.name) comes after \(deed.name), undo \(deed.isUndo)" }
      }
    }
    return nil
  }

  /// Of a run that is done: what branches have done that were not needed was taken back, and nothing else.
  private func leftBehind(_ states: [RunID: RunState]) -> String? {
    let names = Set(undone.map(\.name))
    for deed in undone where states[deed.run] == .done {
      return "\(deed.name) was taken back of a run that is done"
    }
    for deed in done where isUndoable(deed) && states[deed.run] != .done && !names.contains(deed.name) {
      return "\(deed.name) was not taken back of a branch that is \(String(describing: states[deed.run]))"
    }
    return nil
  }

  /// Of a run that has failed: what was not taken back.
  private func notTakenBack(_ root: Run) -> String? {
    let names = Set(undone.map(\.name))
    if let left = done.first(where: { isUndoable($0) && !names.contains($0.name) }) {
      return "\(left.name) was not taken back, and the run is \(root.state)"
    }
    return nil
  }

  private func isUndoable(_ deed: SagaBench.Trace) -> Bool { undoable.contains(deed.name) }

  /// Of a run that cannot take back all: what does not tell of it.
  private func unseen(_ root: Run, _ states: [RunID: RunState], _ stuck: [Run]) throws -> String? {
    if root.state != .stuck, root.state != .waiting {
      return "the run is \(root.state), though something is stuck"
    }
    let page = try bench.log.events(from: .start, limit: .max)
    let told = try page.entries.indices.count {
      try JSONDocument(Array(page.json($0))).root["type"]?.string == "earshot.run.stuck"
    }
    if told != stuck.count { return "\(told) events tell of \(stuck.count) stuck runs" }
    // What waits for a branch that is stuck keeps its place.
    let open = states.first { $0.value.isOpen && $0.value != .waiting && $0.value != .queued }
    return open.map { "run \($0.key.rawValue) is \($0.value) though nothing happens" }
  }
}
