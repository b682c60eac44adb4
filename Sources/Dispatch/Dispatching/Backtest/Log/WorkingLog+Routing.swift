// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

extension WorkingLog: RoutingTransaction {
  func makeRun(_ new: NewRun) throws -> Run {
    let run = add(new)
    news.runs.append(run)
    return run
  }

  func openRuns(gate: [UInt8], limit: Int) throws -> [Run] { runs.open(gate: gate, limit: limit) }

  func isTaken(turn: [UInt8]) throws -> Bool { runs.isTaken(turn: turn, besides: .start) }

  func cancelRuns(gate: [UInt8], entry: (Run) -> HistoryEntry?) throws {
    for before in runs.open(gate: gate, limit: .max) {
      guard let changed = before.applying(.cancel(before.id), at: time.civil) else { continue }
      runs.put(changed)
      if changed.isToEnd { news.cancelled.append(changed) }
      if RunChange.cancel(before.id).lets(before, goOnAs: changed) { news.runs.append(changed) }
      news.runs += try runs.leaveTurn(before, changed)
      let consequences = try runs.branch(.cancel(before.id), before, changed)
      news.runs += consequences.released
      news.cancelled += consequences.cancelled
    }
    news.runs += try runs.admitNextIfFree(to: gate)
  }

  func runs(awaiting site: String, key: [UInt8]) throws -> [Run] { runs.runs(awaiting: site, key: key) }

  func fulfil(_ run: RunID, outputs: [UInt8]) throws {
    guard try runs.follow(.fulfil(run, outputs: outputs)) != nil, let changed = runs[run] else { return }
    news.runs.append(changed)
  }

  func window(of owner: String, key: [UInt8]) throws -> StoredWindow? { windows.window(of: owner, key: key) }

  func windows(of owner: String) throws -> [StoredWindow] { windows.all.filter { $0.owner == owner } }

  func open(owner: String, key: [UInt8], due: Timestamp, content: [UInt8], oldest: LogPosition?) {
    windows.open(owner: owner, key: key, due: due, content: content, oldest: oldest)
    news.due = min(news.due ?? due, due)
  }

  func update(_ window: StoredWindow, due: Timestamp?, content: [UInt8], oldest: LogPosition?) throws {
    windows.update(window.id, due: due, content: content, oldest: oldest)
    if let due { news.due = min(news.due ?? due, due) }
  }

  func remove(_ window: StoredWindow) throws { windows.remove(window) }

  /// What became of single events is not asked of a backtest.
  func note(_ decision: Decision) throws {}

  func event(at position: LogPosition) throws -> [UInt8] {
    guard let event = try stamped(position) else {
      throw LogFailure(.corrupt, "there is no event at position \(BacktestPosition.recorded(position))")
    }
    return event
  }

  func extend(_ stream: StreamName, with position: LogPosition) throws -> Int64 {
    made.pin(position)
    return try streams.extend(stream, with: position)
  }

  func forgetStreams(of owner: String, limit: Int) throws -> Bool { streams.forget(owner) }

  /// An event as the world sees it.
  func stamped(_ position: LogPosition) throws(LogFailure) -> [UInt8]? {
    guard let (json, recorded) = try stored(at: position) else { return nil }
    var event: [UInt8] = []
    EventStamp.append(json.span, position: position, recorded: recorded, to: &event)
    return event
  }
}
