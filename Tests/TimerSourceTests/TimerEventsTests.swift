// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Synchronization
import Testing
import TimerSource

/// A clock that stands still and jumps to whatever is waited for.
private final class JumpingClock: HostClock {
  private let instant: Mutex<Timestamp>

  init(_ text: String) throws { instant = Mutex(try #require(Timestamp(rfc3339: text))) }

  func now() -> Timestamp { instant.withLock { $0 } }
  func set(_ text: String) throws {
    let next = try #require(Timestamp(rfc3339: text))
    instant.withLock { $0 = next }
  }
  func sleep(until next: Timestamp) async throws { instant.withLock { $0 = max($0, next) } }
}

/// Passes batches to a log and ends the source after so many events.
private struct CountedSink: EventSink {
  struct Enough: Error {}

  let log: InMemoryLog
  let name: String
  let limit: Int

  func append(
    _ batch: SourceBatch,
    completion: @escaping @Sendable (Result<[AppendOutcome], any Error>) -> Void
  ) {
    let count = (try? log.lastPosition().rawValue) ?? 0
    guard count < limit || batch.events.isEmpty else { return completion(.failure(Enough())) }
    let change = LogChange(events: batch.events, source: name, checkpoint: batch.checkpoint)
    log.submit(change) { result in
      completion(result.map(\.outcomes).mapError { $0 as any Error })
    }
  }
}

@Suite struct TimerEventsTests {
  /// Runs a timer until the log holds so many events, and gives what each said.
  private func run(_ plan: TimerPlan, _ log: InMemoryLog, _ clock: JumpingClock, until limit: Int)
    async throws
    -> [String]
  {
    let context = SourceContext(
      name: "tick",
      sink: CountedSink(log: log, name: "tick", limit: limit),
      checkpoint: log.checkpoint(of: "tick"),
      clock: clock,
      ready: {}
    )
    await #expect(throws: CountedSink.Enough.self) { try await TimerEvents(plan, seed: 1).run(context) }
    let page = try log.events(from: .start, limit: 1000)
    return try page.entries.indices.map { index in
      let event = try JSONDocument(Array(page.json(index))).root
      let missed = event["data"]?["missed"]?.bool == true ? " missed" : ""
      return (event["data"]?["scheduled"]?.string ?? "?") + missed
    }
  }

  @Test func `fires in its rhythm, counted from when it was first seen`() async throws {
    let clock = try JumpingClock("2026-01-01T00:00:03Z")
    let found = try await run(TimerPlan(.every(.seconds(10))), InMemoryLog(clock: clock), clock, until: 3)
    #expect(found == ["2026-01-01T00:00:13Z", "2026-01-01T00:00:23Z", "2026-01-01T00:00:33Z"])
  }

  @Test(arguments: [
    (TimerPlan.Missed.runOnce, ["2026-01-01T00:01:00Z missed", "2026-01-01T00:01:10Z"]),
    (.skip, ["2026-01-01T00:01:10Z", "2026-01-01T00:01:20Z"]),
    (
      .runAll,
      ["2026-01-01T00:00:20Z missed", "2026-01-01T00:00:30Z missed", "2026-01-01T00:00:40Z missed"]
    ),
  ])
  func `makes up for what it missed as the plan says`(missed: TimerPlan.Missed, later: [String]) async throws
  {
    let clock = try JumpingClock("2026-01-01T00:00:00Z")
    let log = InMemoryLog(clock: clock)
    let plan = TimerPlan(.every(.seconds(10)), missed: missed)
    let first = try await run(plan, log, clock, until: 1)
    #expect(first == ["2026-01-01T00:00:10Z"])
    try clock.set("2026-01-01T00:01:05Z")
    #expect(try await run(plan, log, clock, until: 1 + later.count) == first + later)
  }

  @Test func `fires at a moment once and never again`() async throws {
    let clock = try JumpingClock("2026-01-01T00:00:00Z")
    let moment = try #require(Timestamp(rfc3339: "2026-01-02T00:00:00Z"))
    let plan = TimerPlan(.at(moment))
    #expect(plan.next(after: clock.now(), anchor: clock.now()) == moment)
    #expect(plan.next(after: moment, anchor: clock.now()) == nil)
    #expect(plan.madeUp(after: clock.now(), until: moment + .seconds(5), anchor: clock.now()) == [moment])
  }

  @Test func `makes up for no more than the latest thousand`() throws {
    let start = Timestamp(seconds: 0)
    let plan = TimerPlan(.every(.milliseconds(1)), missed: .runAll)
    let made = plan.madeUp(after: start, until: Timestamp(seconds: 1_000_000_000), anchor: start)
    #expect(made.count == 1000 && made.last == Timestamp(seconds: 1_000_000_000))
  }
}

@Suite struct TimerOptionsTests {
  @Test(arguments: [
    ("{}", ["every timer-rhythm"]),
    (#"{"every":"5s","cron":"* * * * *"}"#, ["cron timer-rhythm"]),
    (#"{"every":"5"}"#, ["every timer-every"]),
    (#"{"every":"0s"}"#, ["every timer-every"]),
    (#"{"at":"tomorrow"}"#, ["at timer-at"]),
    (#"{"cron":"61 * * * *"}"#, ["cron cron-range"]),
    (#"{"cron":"* * *"}"#, ["cron cron-field-count"]),
    (#"{"cron":"0 0 31 2 *"}"#, ["cron cron-never"]),
    (#"{"cron":"* * * * *","timezone":"Mars/Base"}"#, ["timezone timer-zone"]),
    (#"{"every":"5s","timezone":"UTC","jitter":"x"}"#, ["timezone timer-zone", "jitter timer-jitter"]),
  ])
  func `names each mistake`(options: String, expected: [String]) throws {
    let result = TimerOptions.plan(try JSONValue(json: Array(options.utf8)))
    guard case .failure(let problems) = result else {
      Issue.record("was accepted")
      return
    }
    #expect(problems.problems.map { "\($0.option) \($0.code)" } == expected)
  }

  @Test func `takes a cron expression in its zone`() throws {
    let options: JSONValue = [
      "cron": "30 2 * * *", "timezone": "Europe/Berlin", "missed": "skip", "jitter": "10m",
    ]
    let plan = try TimerOptions.plan(options).get()
    let noon = try #require(Timestamp(rfc3339: "2026-07-01T12:00:00Z"))
    #expect(plan.next(after: noon, anchor: noon)?.rfc3339 == "2026-07-02T00:30:00Z")
    #expect(plan.missed == .skip && plan.jitter == .seconds(600))
  }
}
