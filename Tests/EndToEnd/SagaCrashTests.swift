// SPDX-License-Identifier: Apache-2.0

#if DEBUG
  import EarshotHost
  import EventModel
  import Failpoints
  import FaultTesting
  import Foundation
  import Processes
  import Testing

  /// Hosts that die between the steps of runs that do, wait, hear and take back.
  ///
  /// `EARSHOT_SAGA_KILLS` says how often in all; the seed of the moments is printed, and `EARSHOT_SEED` sets it.
  @Suite struct SagaCrashTests {
    private static let rules = """
      listeners: { file: { concurrency: 8, with: { roots: ["ROOT"] } } }
      rules:
        answer:
          trigger: { type: load }
          actions: { emit: { type: load.answer, subject: "${{ event.id }}" } }
        saga:
          trigger: { type: load }
          on_uncertain: retry
          actions:
            - id: take
              uses: file.append
              with: { path: "ROOT/ledger", content: "${{ event.id }} take\\n" }
              compensate: { uses: file.append, with: { path: "ROOT/ledger", content: "${{ event.id }} untake\\n" } }
            - { id: rest, wait: 1ms }
            - { id: heard, await: { type: load.answer, by: event.subject, key: "${{ event.id }}" } }
            - id: give
              uses: file.append
              with: { path: "ROOT/ledger", content: "${{ event.id }} give\\n" }
              compensate: { uses: file.append, with: { path: "ROOT/ledger", content: "${{ event.id }} ungive\\n" } }
            - id: sides
              parallel:
                - id: left
                  uses: file.append
                  with: { path: "ROOT/ledger", content: "${{ event.id }} left\\n" }
                  compensate: { uses: file.append, with: { path: "ROOT/ledger", content: "${{ event.id }} unleft\\n" } }
                - id: pair
                  for_each: [0, 1]
                  concurrency: 2
                  actions:
                    id: right
                    uses: file.append
                    with: { path: "ROOT/ledger", content: "${{ event.id }} right${{ item }}\\n" }
                    compensate:
                      uses: file.append
                      with: { path: "ROOT/ledger", content: "${{ event.id }} unright${{ item }}\\n" }
            - { id: refuse, condition: "event.id.matches('[13579]$')", fail: on purpose }
            - { id: tell, emit: { type: load.told, subject: "${{ event.id }}" } }
      """

    /// The places between two steps.
    private static let points: [Failpoint] = [
      .attemptCommitted, .attemptSent, .outcomeHeard, .outcomeCommitted, .transactionWritten,
      .transactionCommitted,
    ]

    /// Branches that are given up while they take back what they have done wait for a person, and their runs with them.
    private static func giveUp(_ bench: HostBench) async throws {
      let stuck = try await bench.client.query(["runs"], [("state", "stuck"), ("limit", "100")])
      guard case .array(let runs) = stuck else { return }
      for run in runs where run["parent"] != nil {
        _ = try await bench.client.post(["runs", run["run"]?.json ?? "", "drop"])
      }
    }

    @Test func `no finished step is made again, and what is to be taken back is, once and in order`()
      async throws
    {
      let kills = FaultSize.of("EARSHOT_SAGA_KILLS", short: Self.points.count)
      let seed = FaultSize.seed()
      var random = SeededRandom(seed: seed)
      let bench = try HostBench(rules: Self.rules)
      defer { bench.remove() }
      var acknowledged: [String] = []
      var deaths = 0
      for round in 0..<kills {
        let place =
          "\(Self.points[round % Self.points.count].rawValue):\(Int.random(in: 1...6, using: &random))"
        let host = try await HostProcess.launch(in: bench, adding: ["EARSHOT_FAILPOINT": place])
        if host.isReady {
          // More than it takes to come to the place.
          acknowledged += await LoadProducer(path: bench.paths.eventSocket, round: round, most: 20).run()
        }
        if await host.end(0) == .signalled(SIGKILL) { deaths += 1 }
      }
      let host = try await HostProcess.start(in: bench)
      try await CrashLoad.waitUntilNothingIsOpen(bench) { try await Self.giveUp(bench) }
      let findings = try await SagaFindings(bench, rule: "saga")
      print("saga kills \(kills), seed \(seed): deaths \(deaths), \(findings.figures)")
      #expect(deaths == kills, "each host dies where it should")
      #expect(Set(acknowledged).isSubset(of: findings.events), "an acknowledged event has no run")
      #expect(findings.problems == [])
      #expect(findings.states["done", default: 0] > 0 && findings.states["compensated", default: 0] > 0)
      #expect(await host.end(SIGTERM) == .exited(0))
      #expect(try StoredLog(path: bench.paths.log).verify { _ in }.damage == nil)
    }
  }
#endif
