// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Expressions
import Rules

/// What a command leads to by the state of its thing: the change of the log, the answer, and the state that others may build
/// on.
struct Decision: Sendable {
  let change: LogChange
  let reply: CommandReply
  /// The state after the change.
  let state: AggregateState
  /// The last event of the stream after the change, as far as it is known.
  let last: EventIdentity?

  /// Makes the change of what was decided; `fold` adds an event to the state.
  ///
  /// - Throws: `CommandFailure`; what the fold throws.
  init(
    _ verdict: Aggregate.Verdict,
    on request: CommandRequest,
    _ command: Aggregate.Command,
    of aggregate: Aggregate,
    _ content: CommandContent,
    by known: CachedState,
    _ clock: any HostClock,
    fold: (_ event: [UInt8], _ state: inout AggregateState) throws -> Void
  ) throws {
    let maker = EventMaker(request, aggregate, content, clock)
    var batch = EventBatch()
    var state = known.state
    var last = known.last
    var refusal: String?
    switch verdict {
    case .accepted(let events):
      for event in events { try maker.append(event, to: &batch) }
      for index in batch.entries.indices {
        try maker.check(batch, index)
        try fold(Array(batch.json(index)), &state)
        last = EventIdentity(batch, index)
      }
    case .refused(let message):
      refusal = message
      if let type = command.refusal { try maker.append(maker.refusal(type, message), to: &batch) }
      for index in batch.entries.indices where try maker.belongs(batch, index) {
        try fold(Array(batch.json(index)), &state)
        last = EventIdentity(batch, index)
      }
    }
    let appended = batch.entries.indices.map { CommandReply.Appended(id: batch.id($0), type: batch.type($0)) }
    let reply = CommandReply(refusal: refusal, version: state.version, events: appended)
    self.reply = reply
    self.state = state
    self.last = last
    let stream = StateReader.stream(of: request.key, aggregate)
    var change = LogChange(events: batch)
    change.preconditions = Preconditions(
      streams: [ExpectedStream(stream, known.state.version, last: known.last)],
      answer: request.id.map { id in
        CommandAnswer(owner: "aggregates/\(aggregate.id)", id: id, content: Array(reply.json.json.utf8))
      }
    )
    self.change = change
  }
}

/// A state that is kept in memory, which may be ahead of what is committed.
struct CachedState {
  var state: AggregateState
  /// The last event, if it may not be committed yet.
  var last: EventIdentity?
  /// Which time it was read from the log; what was built on one that was in vain is worth nothing, and no other is.
  let reading: UInt64
}

extension EventIdentity {
  /// What an event of a batch is known by.
  init(_ batch: EventBatch, _ index: Int) {
    let entry = batch.entries[index]
    self.init(source: Array(batch.bytes[entry.source]), id: Array(batch.bytes[entry.id]))
  }
}
