// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources

/// Events.
extension WorkingLog {
  /// Lets recorded events happen.
  func tell(_ group: RecordedGroup) throws(LogFailure) {
    guard let last = group.positions.last else { return }
    try perform {
      told = last
      notices = [:]
      self.last = BacktestPosition.of(last)
      let positions = group.positions.map(BacktestPosition.of)
      if group.reply != nil {
        for index in positions.indices {
          let event = MadeEvents.Event(
            json: Array(group.batch.json(index)),
            recorded: time.civil,
            identity: Fingerprint(group.positions[index].rawValue),
            root: group.positions[index],
            counterpart: group.positions[index]
          )
          made.add(event, at: positions[index])
        }
      }
      try follow(group.batch, positions.map { .appended($0) })
    }
  }

  /// Routes events that are there, and appends what follows from them as long as anything does.
  func follow(_ batch: EventBatch, _ outcomes: [AppendOutcome]) throws {
    var (batch, outcomes) = (batch, outcomes)
    while true {
      let next = try router?.route(batch, outcomes: outcomes, at: time, in: self) ?? EventBatch()
      commit(batch, outcomes)
      guard !next.isEmpty else { return }
      (batch, outcomes) = try append(next) { _ in nil }
    }
  }

  /// Appends events that were made, under ids that are the same on both sides; `maker` is the run that emits one.
  func append(_ events: EventBatch, by maker: (Int) -> RunID?) throws -> (EventBatch, [AppendOutcome]) {
    var batch = events
    var outcomes: [AppendOutcome] = []
    for index in batch.entries.indices { outcomes.append(try append(&batch, index, by: maker(index))) }
    return (batch, outcomes)
  }

  private func append(_ batch: inout EventBatch, _ index: Int, by maker: RunID?) throws -> AppendOutcome {
    let entry = batch.entries[index]
    var counterpart: Counterparts.Recorded?
    let identity: Fingerprint
    let root: LogPosition
    if let maker, let facts = runs.facts(maker), let run = runs[maker] {
      let type = Fingerprint(batch.bytes[entry.type])
      let counts = runs.countEmitted(by: maker, type)
      identity = facts.name.with(type).with(Fingerprint(Int64(counts.own)))
      root = firings[facts.root]?.root ?? told
      let name = Counterparts.name(
        cause: try idPrint(of: run.position),
        source: batch.bytes[entry.source],
        type: batch.bytes[entry.type],
        counts.all
      )
      counterpart = recording.counterpart(name)
    } else {
      (identity, root) = try notice(batch, index)
    }
    if let known = try rename(&batch, index, identity, counterpart) { return .duplicate(known) }
    let position = try nextPosition()
    let event = MadeEvents.Event(
      json: Array(batch.json(index)),
      recorded: time.civil,
      identity: identity,
      root: root,
      counterpart: counterpart?.position
    )
    made.add(event, at: position)
    return .appended(position)
  }

  /// Gives an event an id that is the same on both sides, unless its rule says which it has; gives the position of one that has it already.
  private func rename(
    _ batch: inout EventBatch,
    _ index: Int,
    _ identity: Fingerprint,
    _ counterpart: Counterparts.Recorded?
  ) throws -> LogPosition? {
    let entry = batch.entries[index]
    guard !EventIDGenerator.mayHaveMade(batch.bytes[entry.id], at: time.civil) else {
      var id: [UInt8] = []
      EventIDGenerator.append(identity.value, at: time.civil, to: &id)
      if let recorded = counterpart?.id, recorded.count == id.count { id = recorded }
      batch.replaceID(index, with: id)
      return nil
    }
    let name = Fingerprint(batch.bytes[entry.source]).with(Fingerprint(batch.bytes[entry.id]))
    if let known = ownIDs[name] { return known }
    let recorded = try recording.log.position(source: batch.source(index), id: batch.id(index))
    if let recorded, recorded <= told, recorded != counterpart?.position,
      let event = try recording.event(at: recorded),
      case .external = Consequence.kind(event.json[...], recording.emitted)
    {
      return BacktestPosition.of(recorded)
    }
    ownIDs[name] = last.next
    return nil
  }

  /// What stands for an event by which the engine tells of something.
  private func notice(_ batch: EventBatch, _ index: Int) throws -> (Fingerprint, root: LogPosition) {
    let event = try JSONDocument(Array(batch.json(index))).root
    let data = event["data"]
    var name = Fingerprint(batch.bytes[batch.entries[index].type])
    name = name.with(Fingerprint(data?["rule"]?.string ?? ""))
    var root = told
    if let position = data?["position"]?.int.map({ LogPosition(rawValue: Int64($0)) }) {
      name = name.with(identity(of: position))
      root = self.root(of: position)
    } else {
      name = name.with(Fingerprint(event["causationid"]?.string ?? ""))
    }
    let count = notices[name, default: 0]
    notices[name] = count + 1
    return (name.with(Fingerprint(count)), root)
  }

  private func nextPosition() throws -> LogPosition {
    guard last.rawValue - BacktestPosition.of(told).rawValue < BacktestPosition.most else {
      throw LogFailure(
        .full,
        "more than \(BacktestPosition.most) events follow from the one at position \(told)"
      )
    }
    last = last.next
    return last
  }

  /// What stands for an event on both sides.
  func identity(of position: LogPosition) -> Fingerprint {
    made[position]?.identity ?? Fingerprint(BacktestPosition.recorded(position).rawValue)
  }

  func root(of position: LogPosition) -> LogPosition {
    made[position]?.root ?? BacktestPosition.recorded(position)
  }

  /// The recorded event that is the same.
  func recorded(_ position: LogPosition) -> LogPosition? {
    if let made = made[position] { return made.counterpart }
    return BacktestPosition.isRecorded(position) ? BacktestPosition.recorded(position) : nil
  }

  /// An event in its canonical form, and when it was recorded.
  func stored(at position: LogPosition) throws(LogFailure) -> (json: [UInt8], recorded: Timestamp)? {
    if let event = made[position] { return (event.json, event.recorded) }
    guard BacktestPosition.isRecorded(position) else { return nil }
    return try recording.event(at: BacktestPosition.recorded(position))
  }

  func recordedTime(of position: LogPosition) -> Timestamp? {
    if let event = made[position] { return event.recorded }
    return (try? recording.time(of: BacktestPosition.recorded(position))) ?? nil
  }

  /// What stands for the id of an event.
  func idPrint(of position: LogPosition) throws(LogFailure) -> Fingerprint {
    guard let event = try stored(at: position)?.json, let (id, _) = CanonicalEvent.identity(event) else {
      return Fingerprint("")
    }
    return Fingerprint(event[id])
  }
}
