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
    appending + routing + runs + checkpoints + reading
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

/// Asks for one run of `rule` for each event whose type begins with `run`, and for a notice for each `tell`.
struct PrefixRouter: EventRouter {
  var startsAtOnce = true
  /// The events that follow from a `tell`.
  var notice = EventBatch()

  func route(_ events: EventBatch, outcomes: [AppendOutcome], recorded: Timestamp) -> Routing {
    var routing = Routing()
    for index in outcomes.indices {
      guard case .appended = outcomes[index] else { continue }
      if events.type(index).hasPrefix("run") {
        routing.runs.append(
          NewRun(event: index, rule: "rule", revision: "r1", listener: "shop", startsAtOnce: startsAtOnce)
        )
      }
      if events.type(index) == "tell" { routing.events.append(notice) }
    }
    return routing
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
