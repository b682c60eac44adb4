// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import PluginWire
import Processes

/// The life of one of a plugin's processes, as a pure machine: it is told what happened and says what to do.
///
///     absent ─run→ starting ─hello→ ready ─idle→ stopping ─ended→ absent
///                  starting, ready ─ended→ pausing ─time→ absent (starting, if runs wait)
///
/// A run that takes too long is cancelled and answered for; a process that does not react to that is ended, and the
/// other runs that it had open are answered for too.
struct PluginSlot: Sendable {
  enum Effect: Sendable, Hashable {
    case start
    case send([UInt8])
    case signal(Int32)
    case finish([RunOutcome])
    case report(String)
  }

  enum Phase: Sendable, Hashable {
    case absent
    case starting(until: Timestamp)
    case ready
    /// Has been asked to finish, or has been sent a signal; at `until` the next, harder step is due.
    case stopping(until: Timestamp, signals: Int)
    case pausing(until: Timestamp)
  }

  private struct OpenRun {
    let ticket: UInt64
    let timeout: Duration
    var deadline: Timestamp
    /// The caller has its answer already; only the process still owes one.
    var isGivenUp = false
    /// The process has been asked to end it, and the caller waits for that.
    var isCancelled = false

    mutating func extend(at now: Timestamp) {
      if !isGivenUp, !isCancelled { deadline = now + timeout }
    }
  }

  /// How the plugin is run.
  struct Settings: Sendable, Hashable {
    var name: String
    var concurrency: Int
    var idleStop: Duration
    /// The plugin's own settings, a JSON object.
    var settings: [UInt8]
  }

  /// How long a process may take to say hello.
  static let startPatience = Duration.seconds(10)
  /// How long a process may take to react to a cancellation, to `stop` or to SIGTERM.
  static let stopPatience = Duration.seconds(5)

  private(set) var phase = Phase.absent
  private let settings: Settings
  private var waiting: [PluginRun] = []
  private var open: [UInt64: OpenRun] = [:]
  private var lastID: UInt64 = 0
  private var pause = RestartPause()
  private var startedAt = Timestamp(seconds: 0)
  private var idleSince = Timestamp(seconds: 0)
  private var violation: String?
  private var isClosed = false

  init(_ settings: Settings) { self.settings = settings }

  /// How many runs the slot has taken and not answered for, or whose process still owes an answer.
  var load: Int { waiting.count + open.count }

  /// Whether no process is left and none will be started.
  var isGone: Bool { isClosed && (phase == .absent || isPausing) }

  private var isPausing: Bool { if case .pausing = phase { true } else { false } }

  mutating func submit(_ runs: [PluginRun], at now: Timestamp, _ effects: inout [Effect]) {
    if waiting.isEmpty { waiting = runs } else { waiting += runs }
    switch phase {
    case .ready: sendWaiting(at: now, &effects)
    case .absent: start(at: now, &effects)
    // Nothing has waited for the end of the pause.
    case .pausing(let until) where now >= until: start(at: now, &effects)
    case .pausing where pause.isHopeless: refuseWaiting("'\(settings.name)' keeps ending", &effects)
    case .pausing, .starting, .stopping: break
    }
  }

  /// Ends runs: those that wait at once, the others when the process has let go of them, by itself or by force.
  mutating func cancel(_ tickets: Set<UInt64>, at now: Timestamp, _ effects: inout [Effect]) {
    let dropped = waiting.filter { tickets.contains($0.ticket) }
    if !dropped.isEmpty {
      waiting.removeAll { tickets.contains($0.ticket) }
      let reply = RunReply.retry(message: "was cancelled", after: nil)
      effects.append(.finish(dropped.map { RunOutcome(ticket: $0.ticket, reply: reply) }))
    }
    for (id, run) in open where tickets.contains(run.ticket) && !run.isGivenUp && !run.isCancelled {
      send(.cancel(id: id), &effects)
      open[id]?.isCancelled = true
      open[id]?.deadline = min(run.deadline, now + Self.stopPatience)
    }
  }

  mutating func hear(_ messages: [PluginMessage], at now: Timestamp, _ effects: inout [Effect]) {
    var outcomes: [RunOutcome] = []
    for message in messages {
      switch message {
      case .hello(let description, let version): greet(description, version, at: now, &effects)
      case .progress(let id): open[id]?.extend(at: now)
      case .reply(let id, let reply):
        guard let run = open.removeValue(forKey: id), !run.isGivenUp else { continue }
        outcomes.append(RunOutcome(ticket: run.ticket, reply: reply))
      }
    }
    if open.isEmpty { idleSince = now }
    if !outcomes.isEmpty { effects.append(.finish(outcomes)) }
    if phase == .ready { sendWaiting(at: now, &effects) }
  }

  /// The plugin broke the protocol: its process is ended, and this is why.
  mutating func noteViolation(_ what: String, _ effects: inout [Effect]) {
    violation = violation ?? what
    effects.append(.signal(SIGKILL))
  }

  /// The process is gone, or could not be started.
  mutating func noteEnd(_ reason: String, at now: Timestamp, _ effects: inout [Effect]) {
    let reason = violation.map { "broke the protocol: \($0)" } ?? reason
    let wasAsked = if case .stopping = phase { open.isEmpty && violation == nil } else { false }
    violation = nil
    let lost = open.values.filter { !$0.isGivenUp }.sorted { $0.ticket < $1.ticket }
    open.removeAll()
    if !lost.isEmpty {
      let reply = RunReply.retry(message: "'\(settings.name)' \(reason)", after: nil)
      effects.append(.finish(lost.map { RunOutcome(ticket: $0.ticket, reply: reply, isKnown: false) }))
    }
    if wasAsked || isClosed {
      phase = .absent
      if isClosed {
        refuseWaiting("the host is stopping", &effects)
      } else if !waiting.isEmpty {
        start(at: now, &effects)
      }
      return
    }
    effects.append(.report("'\(settings.name)' \(reason)"))
    phase = .pausing(until: now + pause.noteEnd(after: now - startedAt))
    if pause.isHopeless { refuseWaiting("'\(settings.name)' keeps ending: it \(reason)", &effects) }
  }

  /// Asks the process to finish and never starts another.
  mutating func close(at now: Timestamp, _ effects: inout [Effect]) {
    isClosed = true
    switch phase {
    case .ready, .starting: stop(at: now, &effects)
    case .absent, .pausing: refuseWaiting("the host is stopping", &effects)
    case .stopping: break
    }
  }

  /// When `tick` has something to do next.
  var nextDeadline: Timestamp? {
    switch phase {
    case .absent: nil
    case .pausing(let until): waiting.isEmpty ? nil : until
    case .starting(let until), .stopping(let until, _): until
    case .ready: open.values.lazy.map(\.deadline).min() ?? idleSince + settings.idleStop
    }
  }

  mutating func tick(at now: Timestamp, _ effects: inout [Effect]) {
    switch phase {
    case .absent: break
    case .starting(let until) where now >= until:
      noteViolation("it does not say what it is", &effects)
      phase = .stopping(until: now + Self.stopPatience, signals: 2)
    case .stopping(let until, let signals) where now >= until:
      effects.append(.signal(signals == 0 ? SIGTERM : SIGKILL))
      phase = .stopping(until: now + Self.stopPatience, signals: signals + 1)
    case .pausing(let until) where now >= until:
      phase = .absent
      if !waiting.isEmpty { start(at: now, &effects) }
    case .ready where open.isEmpty && waiting.isEmpty && now >= idleSince + settings.idleStop:
      stop(at: now, &effects)
    case .ready: giveUpLateRuns(at: now, &effects)
    case .starting, .stopping, .pausing: break
    }
  }

  private mutating func start(at now: Timestamp, _ effects: inout [Effect]) {
    startedAt = now
    // What an earlier process did was found out only after its end.
    violation = nil
    phase = .starting(until: now + Self.startPatience)
    effects.append(.start)
  }

  private mutating func stop(at now: Timestamp, _ effects: inout [Effect]) {
    send(.stop, &effects)
    phase = .stopping(until: now + Self.stopPatience, signals: 0)
  }

  private mutating func greet(
    _ description: PluginDescription,
    _ version: Int,
    at now: Timestamp,
    _ effects: inout [Effect]
  ) {
    guard case .starting = phase else { return }
    guard version == PluginWire.version, description.name == settings.name else {
      return noteViolation("it has become '\(description.name)', protocol \(version)", &effects)
    }
    phase = .ready
    idleSince = now
    send(.start(settings: settings.settings, concurrency: settings.concurrency), &effects)
  }

  private mutating func sendWaiting(at now: Timestamp, _ effects: inout [Effect]) {
    let count = min(waiting.count, settings.concurrency - open.count)
    guard count > 0 else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(waiting[..<count].reduce(0) { $0 + $1.request.estimatedLength })
    for index in 0..<count {
      lastID += 1
      waiting[index].request.append(as: lastID, to: &bytes)
      let timeout = Duration.milliseconds(waiting[index].request.timeout)
      open[lastID] = OpenRun(ticket: waiting[index].ticket, timeout: timeout, deadline: now + timeout)
    }
    if count == waiting.count { waiting = [] } else { waiting.removeFirst(count) }
    effects.append(.send(bytes))
  }

  private mutating func giveUpLateRuns(at now: Timestamp, _ effects: inout [Effect]) {
    var outcomes: [RunOutcome] = []
    for (id, run) in open.filter({ $0.value.deadline <= now }).sorted(by: { $0.key < $1.key }) {
      if run.isGivenUp || run.isCancelled {
        phase = .stopping(until: now + Self.stopPatience, signals: 2)
        noteViolation("it does not react to a cancellation", &effects)
        break
      }
      send(.cancel(id: id), &effects)
      open[id]?.isGivenUp = true
      open[id]?.deadline = now + Self.stopPatience
      let time = DurationText.text(of: run.timeout)
      outcomes.append(
        RunOutcome(
          ticket: run.ticket,
          reply: .retry(message: "took longer than \(time)", after: nil),
          isKnown: false
        )
      )
    }
    if !outcomes.isEmpty { effects.append(.finish(outcomes)) }
  }

  private mutating func refuseWaiting(_ message: String, _ effects: inout [Effect]) {
    guard !waiting.isEmpty else { return }
    let reply = RunReply.retry(message: message, after: nil)
    effects.append(.finish(waiting.map { RunOutcome(ticket: $0.ticket, reply: reply) }))
    waiting.removeAll()
  }

  private func send(_ message: HostMessage, _ effects: inout [Effect]) {
    var bytes: [UInt8] = []
    message.append(to: &bytes)
    effects.append(.send(bytes))
  }
}
