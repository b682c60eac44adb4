// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import LogConformance
import SQLiteLog
import Testing

/// Events are appended, imported, erased and forgotten at random: the log holds what the reference log holds, and can prove it.
@Suite struct PruningModelTests {
  private struct Pair {
    // The reference first.
    let logs: [any DurableLog]
    let clock: StandingClock

    func submit(_ change: LogChange) async throws {
      var receipts: [LogReceipt] = []
      for log in logs {
        var receipt = try await log.submit(change)
        receipts.append(receipt)
        while receipt.pruned?.isDone == false {
          var more = change
          more.pruning?.after = receipt.pruned?.seen ?? .start
          receipt = try await log.submit(more)
        }
      }
      let erased = receipts.map { [$0.erased?.erased, $0.erased?.needed, $0.erased?.notice.map { [$0] }] }
      #expect(erased[0] == erased[1])
      try #require(
        receipts[0].outcomes == receipts[1].outcomes && receipts[0].imported == receipts[1].imported
      )
    }

    func check(_ step: Int) throws {
      let pages = try logs.map { try $0.events(from: .start, limit: 10_000) }
      let types = pages.map { page in
        page.entries.indices.map { try? JSONDocument(Array(page.json($0))).root["type"]?.string }
      }
      try #require(pages[0].entries.map(\.position) == pages[1].entries.map(\.position), "step \(step)")
      try #require(pages[0].entries.map(\.recorded) == pages[1].entries.map(\.recorded), "step \(step)")
      try #require(types[0] == types[1], "step \(step)")
      #expect(try logs[0].eventTypes() == logs[1].eventTypes())
      let positions = pages[0].entries.map(\.position)
      #expect(try positions.map(logs[0].wasImported) == positions.map(logs[1].wasImported))
    }
  }

  @Test(arguments: 1...12) func `what is left is the same, and can be proved`(seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    try await withTemporaryFolder { folder in
      let clock = StandingClock()
      let log = try SQLiteLog(path: folder + "/log", clock: clock) { Issue.record($0) }
      let pair = Pair(logs: [InMemoryLog(clock: clock), log], clock: clock)
      for log in pair.logs { log.start(router: NoRuns(), observer: NoRuns()) }
      var intake = EventIntake(defaultSource: "test", clock: clock)
      for step in 0..<120 {
        clock.advance(by: .seconds(1))
        var change = LogChange()
        let last = Int(try log.lastPosition().rawValue)
        let place = LogPosition(rawValue: Int64(Int.random(in: 0...last + 2, using: &random)))
        switch Int.random(in: 0..<12, using: &random) {
        case 10, 11:
          let count = Int.random(in: 0...6, using: &random)
          let positions = (0..<count).map { _ in Int64.random(in: 0...Int64(last + 1), using: &random) }
          change.erasure = Erasure(
            Set(positions).sorted().map(LogPosition.init),
            reason: "a test",
            selection: "position"
          )
        case 0..<5:
          for _ in 0..<Int.random(in: 1...8, using: &random) {
            let type = ["a", "b", "c"].randomElement(using: &random) ?? "a"
            try intake.append(CloudEvent(type: type), to: &change.events)
          }
        case 5:
          var batch = EventBatch()
          try intake.append(CloudEvent(type: "d"), to: &batch)
          change.imported = EventImport()
          change.imported?.append(batch, recorded: Timestamp(seconds: 1_000_000_000))
        case 6, 7:
          change.pruning = Pruning(
            type: ["a", "b", "c", "d"].randomElement(using: &random) ?? "a",
            before: place
          )
        default:
          let kept = Set(["a", "b", "c"].filter { _ in Bool.random(using: &random) })
          change.pruning = Pruning(before: place, keptTypes: kept, limit: 20)
        }
        try await pair.submit(change)
        try pair.check(step)
      }
      for log in pair.logs { await log.close() }
      let found = try LogVerification(path: folder + "/log")
      #expect(found.damage == nil, "seed \(seed)")
    }
  }
}
