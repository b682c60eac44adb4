// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources

@testable import LogConformance
@testable import SQLiteLog

/// Makes changes of all kinds at random, for `PrefixRouter`.
struct LogWorkload {
  private static let types = [
    "plain", "run", "gate.a", "gate.b", "turn.a", "turn.b", "replace.a", "hold.a", "hold.b", "late", "note",
    "tell",
  ]

  private var random: SeededRandom
  private var intake: EventIntake
  private let clock: StandingClock
  /// Set apart from other workloads on the same log.
  private let name: String
  private var made = 0

  init(name: String, seed: UInt64, clock: StandingClock) {
    self.name = name
    self.clock = clock
    random = SeededRandom(seed: seed)
    intake = EventIntake(defaultSource: "load", clock: clock)
  }

  /// The next change, for a log as it is now.
  mutating func change(for log: any LogReading) throws -> LogChange {
    let kind = made == 0 ? 0 : Int.random(in: 0..<11, using: &random)
    switch kind {
    case 0...4: return LogChange(events: try events())
    case 5...7: return LogChange(events: try events(atMost: 1), runs: try runChanges(log))
    case 8:
      let key = Array("key \(Int.random(in: 0..<4, using: &random))".utf8)
      let value = Bool.random(using: &random) ? bytes(200) : nil
      return LogChange(
        events: try events(),
        source: "load",
        checkpoint: [CheckpointChange(key: key, value: value)]
      )
    case 9:
      // All but the newest, and the first, which others may need.
      let end = LogPosition(rawValue: max(1, try log.lastPosition().rawValue - 10))
      return LogChange(pruning: Pruning(before: end, keptTypes: ["plain"], limit: 20))
    default:
      clock.advance(by: .seconds(6))
      return LogChange(windows: [.closeDue(limit: 2)])
    }
  }

  /// Whether something that happens now and then is to happen now.
  mutating func chance(oneIn count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

  /// A few events; mostly small ones, some of which need more than a page.
  mutating func events(atMost most: Int = 4) throws -> EventBatch {
    var batch = EventBatch()
    for _ in 0..<Int.random(in: 1...most, using: &random) {
      let size = Int.random(in: 0..<8, using: &random) == 0 ? 6000 : 200
      let text = String(decoding: bytes(size).map { 97 + $0 % 26 }, as: UTF8.self)
      var event = CloudEvent(
        type: made == 0 ? "plain" : Self.types.randomElement(using: &random) ?? "run",
        data: ["text": .string(text)]
      )
      // Now and then one that was there already.
      let isRepeated = made > 0 && Int.random(in: 0..<20, using: &random) == 0
      event.id = "\(name)-\(isRepeated ? Int.random(in: 0..<made, using: &random) : made)"
      made += 1
      try intake.append(event, to: &batch)
    }
    return batch
  }

  private mutating func runChanges(_ log: any LogReading) throws -> [RunChange] {
    let runs = try log.newestRuns(states: Set(RunState.allCases), before: nil, limit: 20)
    return (0..<Int.random(in: 1...4, using: &random)).compactMap { _ in
      runs.randomElement(using: &random).map { change($0.id, $0.listener) }
    }
  }

  private mutating func change(_ run: RunID, _ listener: String) -> RunChange {
    let due = clock.now() + .seconds(1)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return .attempt(run, by: listener)
    case 1: return .advance(run, to: NextStep(1, by: "next"), outputs: bytes(50))
    case 2: return .retry(run, due: due, failure: "it failed")
    case 3: return .wake(run)
    case 4: return .die(run, failure: "it failed for good")
    case 5: return .cancel(run)
    default: return .finish(run, outputs: bytes(100))
    }
  }

  private mutating func bytes(_ most: Int) -> [UInt8] {
    let first = UInt8.random(in: .min ... .max, using: &random)
    return (0..<Int.random(in: 1...most, using: &random)).map { UInt8(truncatingIfNeeded: $0) &+ first }
  }
}

extension PrefixRouter {
  /// The router of logs whose storage is tested.
  static func forStorage(startsAtOnce: Bool = true) throws -> PrefixRouter {
    var router = PrefixRouter(startsAtOnce: startsAtOnce)
    var intake = EventIntake(defaultSource: "router", clock: StandingClock())
    var event = CloudEvent(type: "run.notice")
    event.id = "notice"
    try intake.append(event, to: &router.notice)
    return router
  }
}
