// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import EventSources
import Synchronization
public import Testing

/// What every log must do.
///
/// A backend's tests call each of these with a way to make an empty log.
public struct LogConformance: Sendable {
  /// Makes an empty log that reads the given clock.
  public typealias MakeLog = @Sendable (any HostClock) throws -> any DurableLog

  /// All checks, for a parameterised test.
  public static let all: [LogCheck] =
    appending + importing + routing + runs + history + awaits + branches + succession + windows + streams
    + checkpoints + reading + pruning + erasing
}

/// One named check.
public struct LogCheck: Sendable, CustomTestStringConvertible {
  /// What the log must do, as a sentence.
  public let testDescription: String
  /// Fails a test expectation when the log does not.
  public let body: @Sendable (LogConformance.MakeLog) async throws -> Void

  init(_ sentence: String, _ body: @escaping @Sendable (LogConformance.MakeLog) async throws -> Void) {
    testDescription = sentence
    self.body = body
  }
}

/// A clock that stands still until it is told to move.
public final class StandingClock: HostClock {
  private let instant: Mutex<Timestamp>

  /// Makes a clock.
  public init(_ start: Timestamp = Timestamp(seconds: 1_000_000_000)) { instant = Mutex(start) }

  /// The instant to which the clock was moved last.
  public func now() -> Timestamp { instant.withLock { $0 } }

  /// Moves the clock on.
  public func advance(by duration: Duration) { instant.withLock { $0 = $0 + duration } }

  /// Never returns by itself: nothing that a log does waits for the clock.
  public func sleep(until instant: Timestamp) async throws {
    try await Task.sleep(for: .seconds(1_000_000))
  }
}

/// Makes one run of `rule` for each event whose type begins with `run`, a pending one for each `wait`, and a notice for
/// each `tell`.
///
/// `gate.X` makes a run at the gate X, `turn.X` one with the turn X, `both.X` one with both, as far as they are free. `hold.X` opens a window for
/// the key X, or adds a byte to it; `late.X` makes a run for the first event of the log; `replace.X` cancels what is open
/// at the gate X. `stream.X` adds itself to the stream X, `copy.X` what is in it to another one, `unstream` forgets all. A window that is closed makes a run for the first event.
struct PrefixRouter: EventRouter {
  static let span = Duration.seconds(10)
  var startsAtOnce = true
  /// The events that follow from a `tell`.
  var notice = EventBatch()

  func route(
    _ events: EventBatch,
    outcomes: [AppendOutcome],
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch {
    var following = EventBatch()
    for index in outcomes.indices {
      guard case .appended(let position) = outcomes[index] else { continue }
      let type = events.type(index)
      let name = Array(type.drop { $0 != "." }.dropFirst().utf8)
      var new = run(position)
      switch type.split(separator: ".").first {
      case "run": try transaction.makeRun(new)
      case "wait":
        new.state = .pending
        try transaction.makeRun(new)
      case "other-rule":
        new = run(position, of: "other")
        try transaction.makeRun(new)
      case "gate":
        new.gate = name
        if try !transaction.openRuns(gate: name, limit: 1).isEmpty { new.state = .queued }
        try transaction.makeRun(new)
      case "turn":
        new.turn = name
        if try transaction.isTaken(turn: name) { new.state = .behind }
        try transaction.makeRun(new)
      case "both":
        (new.gate, new.turn) = (name, name)
        try transaction.makeRun(new)
      case "replace":
        try transaction.cancelRuns(gate: name) { _ in replaced }
        new.gate = name
        if try !transaction.openRuns(gate: name, limit: 1).isEmpty { new.state = .queued }
        try transaction.makeRun(new)
      case "late":
        var late = run(LogPosition(rawValue: 1))
        late.inputs = [LogPosition(rawValue: 1), position]
        try transaction.makeRun(late)
      case "hold":
        if let window = try transaction.window(of: "owner", key: name) {
          try transaction.update(window, due: nil, content: window.content + [1], oldest: nil)
        } else {
          try transaction.open(
            owner: "owner",
            key: name,
            due: time.steady + Self.span,
            content: [0],
            oldest: position
          )
        }
      case "stream": try transaction.extend(StreamName(owner: "streams", key: name), with: position)
      case "copy":
        let page = try transaction.events(of: StreamName(owner: "streams", key: name), after: 0, limit: 100)
        for entry in page.entries {
          try transaction.extend(StreamName(owner: "copies", key: name), with: entry.position)
        }
      case "unstream": while try transaction.forgetStreams(of: "streams", limit: 2) {}
      case "note": try transaction.note(Decision(.throttled, of: position, rule: "rule"))
      case "answer":
        for run in try transaction.runs(awaiting: "site", key: name) {
          try transaction.fulfil(run.id, outputs: Array("{}".utf8))
        }
      case "fail": throw LogFailure(.io, "the router has failed")
      case "tell": following.append(notice)
      default: break
      }
    }
    return following
  }

  private var replaced: HistoryEntry {
    let now = Timestamp(seconds: 1)
    return HistoryEntry(.cancelled, step: "step", attempt: 1, began: now, ended: now)
  }

  /// What is awaited is an `answer` with the key.
  func lookBack(
    for event: AwaitedEvent,
    of run: Run,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws {
    let page = try transaction.events(from: event.from, limit: 100)
    let type = "answer." + String(decoding: event.key, as: UTF8.self)
    for entry in page.entries.indices {
      let json = try JSONDocument(Array(page.json(entry)))
      guard json.root["type"]?.string == type else { continue }
      return try transaction.fulfil(run.id, outputs: Array("{}".utf8))
    }
  }

  func change(
    _ window: StoredWindow,
    _ wish: WindowWish,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch {
    switch wish {
    case .extend(_, let duration):
      let due = window.due + duration
      try transaction.update(window, due: due, content: window.content, oldest: nil)
    case .cancel, .forget: try transaction.remove(window)
    case .review: try transaction.update(window, due: time.steady, content: window.content, oldest: nil)
    case .open: Issue.record("a log opens windows by itself")
    case .advance(_, let limit):
      let page = try transaction.events(from: LogPosition(rawValue: 2), limit: limit)
      let others = try transaction.windows(of: window.owner).count
      let content = page.entries.map { UInt8($0.position.rawValue) } + [UInt8(others)]
      try transaction.update(window, due: nil, content: content, oldest: nil)
    case .closeDue, .fire:
      try transaction.remove(window)
      try transaction.makeRun(run(LogPosition(rawValue: 1)))
    }
    return EventBatch()
  }

  private func run(_ position: LogPosition, of rule: String = "rule") -> NewRun {
    NewRun(
      position: position,
      names: RunNames(rule: rule, revision: "r1", listener: "shop"),
      state: startsAtOnce ? .running : .pending
    )
  }

  func rolledBack() {}
}

/// Keeps what it hears.
final class Recorder: CommitObserver {
  private let heard = Mutex<[Commit]>([])
  var commits: [Commit] { heard.withLock { $0 } }
  func committed(_ commit: Commit) { heard.withLock { $0.append(commit) } }
}

/// A log that has been started, with what it was started with.
struct Bench {
  let log: any DurableLog
  let clock = StandingClock()
  let recorder = Recorder()

  init(_ make: LogConformance.MakeLog, startsAtOnce: Bool = true) throws {
    log = try make(clock)
    var router = PrefixRouter(startsAtOnce: startsAtOnce)
    router.notice = try Self.batch(["run.notice"], ids: ["notice"], source: "test", clock)
    log.start(router: router, observer: recorder)
  }

  /// Events of the given types; `ids` gives them ids.
  func batch(_ types: [String], ids: [String]? = nil, source: String = "test") throws -> EventBatch {
    try Self.batch(types, ids: ids, source: source, clock)
  }

  private static func batch(
    _ types: [String],
    ids: [String]?,
    source: String,
    _ clock: any HostClock
  ) throws -> EventBatch {
    var intake = EventIntake(defaultSource: source, clock: clock)
    var batch = EventBatch()
    for (index, type) in types.enumerated() {
      var event = CloudEvent(type: type, data: ["n": .number(String(index))])
      event.id = ids?[index]
      try intake.append(event, to: &batch)
    }
    return batch
  }

  @discardableResult
  func append(_ types: String..., ids: [String]? = nil) async throws -> [AppendOutcome] {
    try await log.submit(LogChange(events: batch(types, ids: ids))).outcomes
  }

  @discardableResult
  func change(_ changes: RunChange...) async throws -> [Bool] {
    try await log.submit(LogChange(runs: changes)).runChanges
  }
}
