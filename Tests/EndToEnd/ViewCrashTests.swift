// SPDX-License-Identifier: Apache-2.0

#if DEBUG
  import EarshotHost
  import EventModel
  import Failpoints
  import FaultTesting
  import Foundation
  import Processes
  import Testing

  /// Hosts that die while views are folded, built anew and put in the place of others.
  ///
  /// `EARSHOT_VIEW_FAILPOINTS` says how often; the seed of the moments is printed, and `EARSHOT_SEED` sets it.
  @Suite(.serialized) struct ViewCrashTests {
    private static let deaths = FaultSize.of("EARSHOT_VIEW_FAILPOINTS", short: 2)
    private static let seed = FaultSize.seed()

    /// Each round has another definition, so that the table is built anew while events come; the rows say the same.
    private static func rules(_ round: Int) -> String {
      """
      views:
        loads:
          key: event.id.substring(size(event.id) - 2)
          columns: { n: integer, last: integer, round\(round): integer }
          indexes: [n, [last, n]]
          events:
            load: { increment: { n: 1 }, set: { last: int(event.sequence) } }
      """
    }

    private static let question = "SELECT key, n, last FROM loads ORDER BY key"

    @Test(arguments: [Failpoint.viewWritten, .viewCommitted, .viewSwapped])
    func `a view is what one is that was never disturbed`(point: Failpoint) async throws {
      var random = SeededRandom(seed: Self.seed)
      let bench = try HostBench(rules: Self.rules(0))
      defer { bench.remove() }
      var reached = 0
      for round in 1...Self.deaths {
        // So that there is something to build from.
        let first = try await HostProcess.start(in: bench)
        let producer = LoadProducer(path: bench.paths.eventSocket, round: 2 * round)
        _ = await producer.run(until: 500) { first.process.signal(SIGKILL) }
        await first.end(SIGKILL)
        try bench.write(rules: Self.rules(round))
        let count = point == .viewSwapped ? 1 : Int.random(in: 1...20, using: &random)
        let host = try await HostProcess.launch(
          in: bench,
          adding: ["EARSHOT_FAILPOINT": "\(point.rawValue):\(count)"]
        )
        if host.isReady {
          _ = await LoadProducer(path: bench.paths.eventSocket, round: 2 * round + 1).run(until: 5000) {
            host.process.signal(SIGTERM)
          }
        }
        if await host.end(0) == .signalled(SIGKILL) { reached += 1 }
      }
      print("view failpoints \(point.rawValue): \(reached) deaths, seed \(Self.seed)")
      #expect(reached > 0, "the host does not come there")
      try await compareWithRebuild(bench)
    }

    private func compareWithRebuild(_ bench: HostBench) async throws {
      let host = try await HostProcess.start(in: bench)
      let marker = try await bench.emit(#"{"type":"marker"}"#)
      let question: JSONValue = [
        "sql": .string(Self.question), "consistent_with": .number("\(marker)"), "timeout": "60s",
      ]
      // The old table is not followed while another one is built.
      let followed = try await bench.client.ask(question)
      let rebuild = try await CommandLineRun(["view", "rebuild", "loads", "--state", bench.state])
      #expect(rebuild.status == 0, "\(rebuild.output)")
      let rebuilt = try await bench.client.ask(question)
      #expect(followed["rows"] == rebuilt["rows"] && followed["rows"] != [])
      let past = try await bench.client.pastView("loads", at: "\(marker)", [("limit", "10000")]) { _, _ in }
      guard case .array(let rows)? = past["rows"], case .array(let now)? = rebuilt["rows"] else {
        Issue.record("there are no rows")
        return
      }
      #expect(
        rows.map { [$0["key"], $0["n"], $0["last"]].compactMap { $0?.json } }
          == now.map { row in if case .array(let values) = row { values.map(\.json) } else { [] } }
      )
      #expect(await host.end(SIGTERM) == .exited(0))
    }
  }
#endif
