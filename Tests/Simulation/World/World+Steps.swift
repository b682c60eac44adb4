// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import PluginWire

/// What happens by itself, as long as there is a host.
extension World {
  /// One small step of somebody who can go on, chosen by chance; false when nobody can.
  func goOn() -> Bool {
    var rest =
      (host.queue.isEmpty ? 0 : weather.queue) + (executor.count == 0 ? 0 : weather.tasks)
      + (host.log.hasWork ? weather.writer : 0) + (host.listeners.open.isEmpty ? 0 : weather.listeners)
    guard rest > 0 else { return false }
    rest = chance.below(rest)
    if !host.queue.isEmpty {
      if rest < weather.queue { return runQueue() }
      rest -= weather.queue
    }
    if executor.count > 0 {
      if rest < weather.tasks { return runTask() }
      rest -= weather.tasks
    }
    if host.log.hasWork {
      if rest < weather.writer { return write() }
      rest -= weather.writer
    }
    return endAttempt()
  }

  private func runQueue() -> Bool {
    trace.note("queue")
    work(as: .queue) { host.queue.run() }
    return true
  }

  private func runTask() -> Bool {
    let index = chance.below(executor.count)
    trace.note("task", Int64(index))
    work(as: .task) { executor.run(index) }
    return true
  }

  private func write() -> Bool {
    trace.note("writer")
    work(as: .writer) { host.log.step() }
    return true
  }

  /// An attempt ends in some way, and the dispatcher is told.
  private func endAttempt() -> Bool {
    let attempt = host.listeners.end(chance.below(host.listeners.open.count))
    // What was said at an earlier attempt has got lost with a host.
    for index in said.indices where said[index].place == attempt.place { said[index].isPossible = false }
    let (reply, ending) = outcome(of: attempt)
    checks.end(attempt, ending)
    trace.note("end", Int64(attempt.ticket), Int64(reply == nil ? 0 : 1))
    guard let reply else {
      host.dispatcher.lost([(attempt.ticket, "nobody knows")])
      return true
    }
    host.dispatcher.finished([(attempt.ticket, reply)])
    if chance.once(in: 20) {
      trace.note("said twice")
      host.dispatcher.finished([(attempt.ticket, reply)])
    }
    return true
  }

  /// Nil for an attempt of which nobody knows how it ended.
  private func outcome(of attempt: SimulatedAttempt) -> (RunReply?, AttemptChecks.Ending) {
    guard chance.below(12) < weather.failures else { return (success(of: attempt), .done) }
    switch chance.below(6) {
    case 0: return (.fail(message: "it will not pass"), .willNotPass)
    case 1: return (nil, .unknown)
    case 2: return (.retry(message: "later", after: Int64(chance.number(0...5000))), .mayPass)
    default: return (.retry(message: "it may pass", after: nil), .mayPass)
    }
  }

  private func success(of attempt: SimulatedAttempt) -> RunReply {
    let output: [UInt8]? = chance.once(in: 3) ? Array("{\"x\":1}".utf8) : nil
    guard chance.once(in: 6) else { return .ack(output: output, emit: []) }
    let hops = (try? JSONDocument(attempt.request.event).root["hops"]?.int) ?? 0
    said.append((attempt.place, Int(hops) < EventFormat.maximumHops))
    let subject = said.count - 1
    let (number, key) = (subject, chance.below(3))
    let text = #"{"type":"p","subject":"\#(subject)","data":{"n":\#(number),"k":\#(key)}}"#
    return .ack(output: output, emit: [Array(text.utf8)])
  }

  /// Some events come, new ones and such as have come before.
  func arrive() throws {
    var events = EventBatch()
    var ids: [String] = []
    intake.beginBatch()
    for _ in 0..<chance.number(1...3) {
      let isOld = !sent.isEmpty && chance.once(in: 8)
      let number = isOld ? chance.below(sent.count) : sent.count
      if !isOld {
        let type = chance.one(of: ["a", "a", "b", "c"])
        sent.append(#"{"type":"\#(type)","id":"\#(number)","data":{"n":\#(number),"k":\#(chance.below(3))}}"#)
      }
      try intake.append(Array(sent[number].utf8).span, to: &events)
      ids.append("\(number)")
    }
    trace.note("arrival", Int64(ids.count), Int64(sent.count))
    let bytes = events.entries.map { Array(events.bytes[$0.json]) }
    host.log.submit(LogChange(events: events)) { [weak self, ids] result in
      guard let self, case .success(let receipt) = result else { return }
      for (index, outcome) in receipt.outcomes.enumerated() {
        trace.note("acknowledged")
        if case .appended = outcome { acknowledged[ids[index]] = bytes[index] }
      }
    }
  }

  /// Time passes.
  func passTime() {
    let rest = clock.rest ?? .seconds(1)
    let duration: Duration =
      switch chance.below(20) {
      case 0...9: .microseconds(chance.number(0...5000))
      case 10...14: rest
      case 15...17: rest + .milliseconds(chance.number(0...2000))
      case 18: .milliseconds(chance.number(0...60_000))
      default: .milliseconds(chance.number(0...3_600_000))
      }
    trace.note("time", Int64(duration.components.seconds))
    clock.advance(by: duration)
  }
}
