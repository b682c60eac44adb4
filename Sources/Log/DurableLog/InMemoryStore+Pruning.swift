// SPDX-License-Identifier: Apache-2.0

import EventModel

extension InMemoryStore {
  /// Forgets events, at most so many as the wish allows.
  mutating func prune(_ wish: Pruning) -> PruneOutcome {
    let last = Int64(events.entries.count)
    let end = min(wish.before.rawValue, last, origin + 1 + Int64(wish.limit))
    let before = forgotten.count
    origin = max(origin, end - 1)
    for entry in events.entries.prefix(Int(origin)) where !isNeeded(entry, wish) {
      forgotten.insert(entry.position)
    }
    identities = identities.filter { !forgotten.contains($0.value) }
    decisions.removeAll { forgotten.contains($0.position) }
    for run in runs.dropLast() where isOver(run) && positions(of: run).allSatisfy(forgotten.contains) {
      forgottenRuns.insert(run.id)
      history[run.id] = nil
    }
    return PruneOutcome(
      events: forgotten.count - before,
      isDone: origin + 1 >= min(wish.before.rawValue, last)
    )
  }

  /// Whether a run is over, and the run of which it is a branch.
  private func isOver(_ run: Run) -> Bool {
    guard run.state.isOver else { return false }
    return run.branch.flatMap { index(of: $0.parent) }.map { isOver(runs[$0]) } ?? true
  }

  private func isNeeded(_ entry: EventPage.Entry, _ wish: Pruning) -> Bool {
    let json = events.bytes[entry.json]
    if let type = (try? JSONDocument(Array(json)))?.root["type"]?.string, wish.keptTypes.contains(type) {
      return true
    }
    if streams.values.contains(where: { $0.contains(entry.position) }) { return true }
    return runs.contains { !$0.state.isOver && positions(of: $0).contains(entry.position) }
  }

  private func positions(of run: Run) -> [LogPosition] { run.inputs.isEmpty ? [run.position] : run.inputs }
}
