// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Testing

extension LogConformance {
  static let importing: [LogCheck] = [
    LogCheck("takes events of another log without showing them to rules, and remembers it") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      let outcomes = try await bench.take(["run.b", "hold.x", "run.c"], recorded: [0, 0, 0])
      #expect(outcomes.positions == [2, 3, 4])
      #expect(try bench.log.runs(of: LogPosition(rawValue: 2)).isEmpty)
      #expect(try bench.log.windows(of: nil, limit: 10).isEmpty)
      #expect(try await bench.take(["run.d"], recorded: [0]).positions == [5])
      try await bench.append("run.e")
      let imported = try (0...7).filter { try bench.log.wasImported(LogPosition(rawValue: $0)) }
      #expect(imported == [2, 3, 4, 5])
      #expect(try bench.log.runs(of: LogPosition(rawValue: 6)).count == 1)
      await bench.log.close()
    },
    LogCheck("keeps when events of another log were recorded, as far as the order of the log allows") {
      make in
      let bench = try Bench(make)
      let now = bench.clock.now()
      try await bench.take(["a", "b", "c", "d"], recorded: [-100, -50, -70, 10])
      bench.clock.advance(by: .seconds(5))
      try await bench.append("e")
      try await bench.take(["f"], recorded: [1])
      let recorded = try bench.log.events(from: .start, limit: 10).entries.map { $0.recorded - now }
      #expect(recorded == [-100, -50, -50, 0, 5, 5].map { Duration.seconds($0) })
      await bench.log.close()
    },
    LogCheck("does not take an event of another log twice") { make in
      let bench = try Bench(make)
      try await bench.append("a", ids: ["1"])
      let outcomes = try await bench.take(["a", "b", "b"], recorded: [0, 0, 0], ids: ["1", "2", "2"])
      let (first, second) = (LogPosition(rawValue: 1), LogPosition(rawValue: 2))
      #expect(outcomes == [.duplicate(first), .appended(second), .duplicate(second)])
      #expect(try !bench.log.wasImported(first) && bench.log.wasImported(second))
      #expect(try await bench.take(["a"], recorded: [0], ids: ["1"]) == [.duplicate(first)])
      #expect(try await bench.append("c") == [.appended(LogPosition(rawValue: 3))])
      #expect(try !bench.log.wasImported(LogPosition(rawValue: 3)))
      await bench.log.close()
    },
  ]
}

extension Bench {
  /// Takes events of another log; `seconds` say when they were recorded, from the clock's beginning on.
  @discardableResult
  fileprivate func take(_ types: [String], recorded seconds: [Int64], ids: [String]? = nil) async throws
    -> [AppendOutcome]
  {
    var change = LogChange()
    change.imported = EventImport()
    for (index, type) in types.enumerated() {
      let instant = Timestamp(seconds: 1_000_000_000 + seconds[index])
      change.imported?.append(try batch([type], ids: ids.map { [$0[index]] }), recorded: instant)
    }
    return try await log.submit(change).imported
  }
}
