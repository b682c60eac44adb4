// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// Runs that are made.
extension WorkingLog {
  /// Makes a run, and begins a firing unless it is a branch.
  func add(_ new: NewRun) -> Run {
    let draft = new.run(.start, at: time.civil)
    if let branch = draft.branch, let parent = runs.facts(branch.parent) {
      let place = Fingerprint(Int64(branch.fork)).with(Fingerprint(Int64(branch.place)))
      let name = parent.name.with(place)
      let id = freeID(name)
      return runs.add(new, as: id, OpenRuns.Facts(name: name, root: parent.root))
    }
    let positions = draft.inputs.isEmpty ? [draft.position] : draft.inputs
    var name = Fingerprint(draft.rule)
    for position in positions { name = name.with(identity(of: position)) }
    let recorded = recordedRun(of: draft)
    let id = recorded.flatMap { runs[$0] == nil ? $0 : nil } ?? freeID(name)
    let firing = RuleFiring(
      of: draft.rule,
      name,
      root: positions.lazy.map { self.root(of: $0) }.min() ?? told,
      positions: positions,
      made: positions.map { made[$0] },
      delay: time.civil - (recordedTime(of: draft.position) ?? time.civil),
      began: time.civil
    )
    firings[id] = firing
    return runs.add(new, as: id, OpenRuns.Facts(name: name, root: id, recorded: recorded))
  }

  /// The recorded run that a rule made of the same events.
  private func recordedRun(of draft: Run) -> RunID? {
    guard let position = recorded(draft.position) else { return nil }
    let inputs = draft.inputs.compactMap { recorded($0) }
    return ((try? past.run(of: draft.rule, at: position, inputs: inputs)) ?? nil)?.id
  }

  /// A number for a run that was never recorded, the same on both sides.
  private func freeID(_ name: Fingerprint) -> RunID {
    var number = Int64(name.value >> 13) | 1 << 52
    while runs[RunID(rawValue: number)] != nil { number += 1 }
    return RunID(rawValue: number)
  }
}
