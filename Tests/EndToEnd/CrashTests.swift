// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import FaultTesting
import Foundation
import Processes
import Testing

/// Hosts that are killed under load.
///
/// `EARSHOT_KILLS` says how often; the seed of the moments is printed, and `EARSHOT_SEED` sets it.
@Suite(.serialized) struct CrashTests {
  @Test func `no acknowledged event is lost, and every delivery comes to an end`() async throws {
    let kills = FaultSize.of("EARSHOT_KILLS", short: 50)
    let seed = FaultSize.seed()
    print("kills \(kills), seed \(seed)")
    var random = SeededRandom(seed: seed)
    let bench = try HostBench(rules: CrashLoad.rules)
    defer { bench.remove() }
    var acknowledged: [String] = []
    for round in 0..<kills {
      let host = try await HostProcess.start(in: bench)
      let producer = LoadProducer(path: bench.paths.eventSocket, round: round)
      async let answered = producer.run(until: Int.random(in: 1...40, using: &random)) {
        host.process.signal(SIGKILL)
      }
      acknowledged += await answered
      await host.end(SIGKILL)
    }
    let host = try await HostProcess.start(in: bench)
    do {
      try await CrashLoad.check(acknowledged, bench, kills)
    } catch {
      Issue.record("\(error); the host says: \(host.errors.suffix(4000))")
    }
    let exit = await host.end(SIGTERM)
    #expect(exit == .exited(0))
    let verification = try StoredLog(path: bench.paths.log).verify { _ in }
    #expect(verification.damage == nil)
    #expect(ListedProcess.named(with: bench.root).isEmpty, "a plugin outlived its host")
  }
}
