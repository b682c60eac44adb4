// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// What a router does in a transaction.
extension LogWriter: RoutingTransaction {
  func makeRun(_ new: NewRun) throws -> Run {
    let (run, isLate) = try insert(new)
    if run.gate != nil || run.turn != nil {
      hasSuccession = true
      try runReader.track(nil, run)
    }
    if isLate || !run.inputs.isEmpty { try noteInputs(of: run) }
    made.runs.append(run)
    return run
  }

  /// Lets a run be found by all its events: by its number it is only found by the newest one.
  private func noteInputs(of run: Run) throws {
    let rule = try id(of: run.rule)
    for position in run.inputs.isEmpty ? [run.position] : run.inputs {
      try windows.note(Decision(.joined, of: position, rule: run.rule, run: run.id), rule: rule)
    }
  }

  func openRuns(gate: [UInt8], limit: Int) throws -> [Run] { try runReader.open(gate: gate, limit: limit) }

  func isTaken(turn: [UInt8]) throws -> Bool { try runReader.isTaken(turn: turn, besides: .start) }

  func cancelRuns(gate: [UInt8], entry: (Run) -> HistoryEntry?) throws {
    for run in try openRuns(gate: gate, limit: .max) { try cancel(run.id, entry(run)) }
    var reader = runReader
    made.runs += try reader.admitNextIfFree(to: gate)
  }

  private func cancel(_ run: RunID, _ entry: HistoryEntry?) throws {
    guard let before = try runReader.run(run), try change(.cancel(run)), let changed = try runReader.run(run)
    else { return }
    if let entry { try history.append(entry, of: run) }
    try runReader.track(before, changed)
    if changed.isToEnd { made.cancelled.append(changed) }
    if RunChange.cancel(run).lets(before, goOnAs: changed) { made.runs.append(changed) }
    var reader = runReader
    made.runs += try reader.leaveTurn(before, changed)
    guard branches.mayBeAwaited else { return }
    var writer = self
    let consequences = try writer.branch(.cancel(run), before, changed)
    made.runs += consequences.released
    made.cancelled += consequences.cancelled
  }

  func runs(awaiting site: String, key: [UInt8]) throws -> [Run] {
    try awaits.runs(site: try id(of: site), key: key).compactMap { try runReader.run($0) }
  }

  func fulfil(_ run: RunID, outputs: [UInt8]) throws {
    guard try change(.fulfil(run, outputs: outputs)), let changed = try runReader.run(run) else { return }
    made.runs.append(changed)
  }

  func window(of owner: String, key: [UInt8]) throws -> StoredWindow? {
    try windows.window(owner: try id(of: owner), key: key)
  }

  func windows(of owner: String) throws -> [StoredWindow] {
    try windows.windows(of: try id(of: owner), limit: .max)
  }

  func events(from position: LogPosition, limit: Int) throws -> EventPage {
    try windows.events(from: position, limit: limit)
  }

  func events(ofType type: String, from position: LogPosition, limit: Int) throws -> EventPage {
    try windows.events(ofType: type, from: position, limit: limit)
  }

  func open(owner: String, key: [UInt8], due: Timestamp, content: [UInt8], oldest: LogPosition?) throws {
    let owner = try id(of: owner)
    try windows.insert(nextWindow(), owner: owner, key: key, due: due, content: content, oldest: oldest)
    noteDue(due)
  }

  func update(_ window: StoredWindow, due: Timestamp?, content: [UInt8], oldest: LogPosition?) throws {
    try windows.update(window.id, due: due, content: content, oldest: oldest)
    if let due { noteDue(due) }
  }

  func remove(_ window: StoredWindow) throws { try windows.remove(window.id) }

  func note(_ decision: Decision) throws { try windows.note(decision, rule: try id(of: decision.rule)) }

  func event(at position: LogPosition) throws -> [UInt8] { try windows.event(at: position) }

  func extend(_ stream: StreamName, with position: LogPosition) throws -> Int64 {
    try streams.extend(try id(of: stream.owner), stream.key, with: position)
  }

  func events(of stream: StreamName, after version: Int64, limit: Int) throws -> EventPage {
    try streams.page(of: try id(of: stream.owner), stream.key, after: version, limit: limit)
  }

  func forgetStreams(of owner: String, limit: Int) throws -> Bool {
    try streams.forget(of: try id(of: owner), limit: limit)
  }

  /// Why a change with these conditions is not to be made; keeps its answer otherwise.
  func take(_ conditions: Preconditions?) throws -> Conflict? {
    guard let conditions else { return nil }
    if let answer = conditions.answer {
      let known = try streams.answer(to: answer.id, of: try id(of: answer.owner))
      if let known { return .answered(known) }
    }
    for expected in conditions.streams {
      let stream = expected.stream
      let end = try streams.end(of: try id(of: stream.owner), stream.key)
      guard end.version == expected.version,
        try expected.last.map({ try position(of: $0) == end.position }) ?? true
      else { return .stream(StreamVersion(stream, end.version)) }
    }
    if let answer = conditions.answer {
      try streams.keep(answer.content, to: answer.id, of: try id(of: answer.owner), at: heads.position)
    }
    return nil
  }

  private func noteDue(_ due: Timestamp) { made.due = min(made.due ?? due, due) }
}
