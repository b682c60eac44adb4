// SPDX-License-Identifier: Apache-2.0

import EventModel

extension InMemoryStore {
  /// Forgets events, at most so many as the wish allows.
  mutating func prune(_ wish: Pruning) -> PruneOutcome {
    if let type = wish.type { return prune(wish, ofType: type) }
    let last = Int64(events.entries.count)
    let end = min(wish.before.rawValue, last, origin + 1 + Int64(wish.limit))
    let before = forgotten.count
    origin = max(origin, end - 1)
    for entry in events.entries.prefix(Int(origin)) where !keptForType.contains(entry.position) {
      if isKept(entry, wish) {
        keptForType.insert(entry.position)
      } else if !isNeeded(entry.position) {
        forgotten.insert(entry.position)
      }
    }
    forgetWhatFollowed()
    return PruneOutcome(
      events: forgotten.count - before,
      isDone: origin + 1 >= min(wish.before.rawValue, last)
    )
  }

  /// Forgets events of one type.
  private mutating func prune(_ wish: Pruning, ofType type: String) -> PruneOutcome {
    let end = LogPosition(rawValue: min(wish.before.rawValue, Int64(events.entries.count)))
    let found = page(ofType: type, from: wish.after.next, limit: wish.limit).entries
    let before = forgotten.count
    for entry in found where entry.position < end && type != ErasureNotice.type && !isNeeded(entry.position) {
      forgotten.insert(entry.position)
    }
    forgetWhatFollowed()
    var outcome = PruneOutcome(
      events: forgotten.count - before,
      isDone: found.count < wish.limit || found.contains { $0.position >= end }
    )
    outcome.seen = found.last?.position ?? wish.after
    return outcome
  }

  private mutating func forgetWhatFollowed() {
    identities = identities.filter { !forgotten.contains($0.value) }
    decisions.removeAll { forgotten.contains($0.position) }
    for run in runs.dropLast() where isOver(run) && positions(of: run).allSatisfy(forgotten.contains) {
      forgottenRuns.insert(run.id)
      history[run.id] = nil
    }
  }

  /// Whether a run is over, and the run of which it is a branch.
  private func isOver(_ run: Run) -> Bool {
    guard run.state.isOver else { return false }
    return run.branch.flatMap { index(of: $0.parent) }.map { isOver(runs[$0]) } ?? true
  }

  private func isKept(_ entry: EventPage.Entry, _ wish: Pruning) -> Bool {
    let type = (try? JSONDocument(Array(events.bytes[entry.json])))?.root["type"]?.string ?? ""
    return type == ErasureNotice.type || wish.keptTypes.contains(type)
  }

  /// Whether an event is one of a stream, or a run that is not over reacts to it.
  func isNeeded(_ position: LogPosition) -> Bool {
    if streams.values.contains(where: { $0.contains(position) }) { return true }
    return runs.contains { !$0.state.isOver && positions(of: $0).contains(position) }
  }

  func positions(of run: Run) -> [LogPosition] { run.inputs.isEmpty ? [run.position] : run.inputs }
}
