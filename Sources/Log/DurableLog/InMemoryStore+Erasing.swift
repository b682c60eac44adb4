// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

extension InMemoryStore {
  /// Erases events and what runs have made of them.
  mutating func erase(_ wish: Erasure) throws -> ErasureOutcome {
    var outcome = ErasureOutcome()
    outcome.isClean = true
    for position in wish.positions {
      let index = Int(position.rawValue) - 1
      guard events.entries.indices.contains(index), !forgotten.contains(position) else { continue }
      let event = try JSONDocument(Array(events.json(index))).root
      let type = event["type"]?.string ?? ""
      if erased.contains(position) {
        outcome.already += 1
      } else if wish.keptTypes.contains(type) {
        outcome.kept += 1
      } else if isNeeded(position) {
        outcome.needed.append(position)
      } else {
        try bury(event, position, index)
        outcome.erased.append(position)
      }
    }
    return outcome
  }

  private mutating func bury(_ event: JSONView, _ position: LogPosition, _ index: Int) throws {
    let tombstone = try Tombstone.batch(
      of: event,
      recorded: events.entries[index].recorded,
      id: freeID("erased-\(position)", of: event)
    )
    identities = identities.filter { $0.value != position }
    identities[Self.identity(of: tombstone.entries[0], in: tombstone)] = position
    events.replace(index, json: tombstone.json(0))
    erased.insert(position)
    for run in runs where positions(of: run).contains(position) { clear(run.id) }
  }

  /// An id that no event of the same source has.
  private func freeID(_ id: String, of event: JSONView) -> String {
    var source: [UInt8] = []
    JSONWriter.appendContent(event["source"]?.string ?? "", to: &source)
    var id = id
    while identities[source + [0] + Array(id.utf8)] != nil { id += "-" }
    return id
  }

  /// Clears what has come of a run and its branches.
  private mutating func clear(_ id: RunID) {
    guard let index = index(of: id) else { return }
    runs[index].outputs = nil
    runs[index].failure = runs[index].failure.map { _ in Erasure.erasedText }
    (runs[index].gate, runs[index].turn) = (nil, nil)
    history[id] = history[id]?.map { entry in
      var entry = entry
      (entry.input, entry.result) = (nil, nil)
      return entry
    }
    for branch in runs where branch.branch?.parent == id { clear(branch.id) }
  }
}
