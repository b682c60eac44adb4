// SPDX-License-Identifier: Apache-2.0

#if DEBUG
  import EarshotHost
  import EventModel
  import Failpoints
  import FaultTesting
  import Foundation
  import Processes
  import Testing

  /// Hosts that die at named places.
  ///
  /// `EARSHOT_FAILPOINTS` says how often at each; the seed of the moments is printed, and `EARSHOT_SEED` sets it.
  @Suite(.serialized) struct FailpointTests {
    private static let deaths = FaultSize.of("EARSHOT_FAILPOINTS", short: 1)
    private static let seed = FaultSize.seed()

    /// Nothing is forgotten that is still needed.
    private static let forgetful = CrashLoad.rules + "\nsettings: { log: { keep: 1ms } }\n"

    @Test(arguments: Failpoint.allCases.filter { $0 != .erasing && $0 != .viewSwapped })
    func `nothing is lost or done twice when the host dies there`(point: Failpoint) async throws {
      var random = SeededRandom(seed: Self.seed)
      let bench = try HostBench(rules: point == .pruning ? Self.forgetful : CrashLoad.rules)
      defer { bench.remove() }
      var acknowledged: [String] = []
      var reached = 0
      for round in 0..<Self.deaths {
        if Self.startPoints.contains(point) {
          acknowledged += try await dieUnderLoad(bench, round: Self.deaths + round)
        }
        let count = Self.passing(point, &random)
        let variables = ["EARSHOT_FAILPOINT": "\(point.rawValue):\(count)"]
        let host = try await HostProcess.launch(in: bench, adding: variables)
        if host.isReady {
          acknowledged += await LoadProducer(path: bench.paths.eventSocket, round: round).run(until: 2000) {
            host.process.signal(SIGTERM)
          }
        }
        // It has died already, or is ending because it has not come there.
        if await host.end(0) == .signalled(SIGKILL) { reached += 1 }
      }
      print("failpoints \(point.rawValue): \(reached) deaths, seed \(Self.seed)")
      #expect(reached > 0, "the host does not come there")
      try await check(acknowledged, bench, deaths: reached, hasForgotten: point == .pruning)
    }

    /// Those that a host passes before it is ready, and of which it is said what it finds there.
    private static let startPoints: Set<Failpoint> = [.recovering, .recovered, .pruning]

    /// At which passing of the place the host dies.
    private static func passing(_ point: Failpoint, _ random: inout SeededRandom) -> Int {
      startPoints.contains(point) || point == .migrating ? 1 : Int.random(in: 1...40, using: &random)
    }

    /// Leaves something to be taken up.
    private func dieUnderLoad(_ bench: HostBench, round: Int) async throws -> [String] {
      let host = try await HostProcess.start(in: bench)
      let producer = LoadProducer(path: bench.paths.eventSocket, round: round)
      let acknowledged = await producer.run(until: 10) { host.process.signal(SIGKILL) }
      await host.end(SIGKILL)
      return acknowledged
    }

    private func check(
      _ acknowledged: [String],
      _ bench: HostBench,
      deaths: Int,
      hasForgotten: Bool
    ) async throws {
      let late = try await dieUnderLoad(bench, round: 2 * Self.deaths)
      let acknowledged = acknowledged + late
      let host = try await HostProcess.start(in: bench)
      if hasForgotten {
        try await CrashLoad.waitUntilNothingIsOpen(bench)
        let ledger = try String(contentsOfFile: bench.work + "/ledger", encoding: .utf8)
        let effects = Set(ledger.split(separator: "\n").map(String.init))
        // What was quarantined had no effect, and is kept.
        let dead = try await bench.client.query(
          ["runs"],
          [("state", "dead"), ("rule", "note"), ("limit", "1000")]
        )
        guard case .array(let quarantined) = dead else { throw CancellationError() }
        let missing = Set(acknowledged).subtracting(effects)
        #expect(missing.count <= quarantined.count, "forgotten too early: \(missing.sorted())")
        print("failpoints pruning: \(missing.count) without effect, \(quarantined.count) quarantined")
      } else {
        let findings = try await CrashFindings(bench)
        print(findings.figures(acknowledged))
        for problem in findings.problems(acknowledged, kills: deaths + 1) { Issue.record("\(problem)") }
      }
      #expect(await host.end(SIGTERM) == .exited(0))
      #expect(try StoredLog(path: bench.paths.log).verify { _ in }.damage == nil)
      #expect(ListedProcess.named(with: bench.root).isEmpty, "a plugin outlived its host")
    }
  }
#endif
