// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import FaultTesting
import Foundation
import Processes
import Testing

/// Hosts that are killed under load, after some events that they acknowledged, or after some that they have dealt with.
///
/// `EARSHOT_KILLS` says how often; the seed of the moments is printed, and `EARSHOT_SEED` sets it.
@Suite(.serialized) struct CrashTests {
  @Test func `no acknowledged event is lost, and every delivery comes to an end`() async throws {
    let kills = FaultSize.of("EARSHOT_KILLS", short: 15)
    let seed = FaultSize.seed()
    print("kills \(kills), seed \(seed)")
    var random = SeededRandom(seed: seed)
    let bench = try HostBench(rules: CrashLoad.rules)
    defer { bench.remove() }
    var acknowledged: [String] = []
    for round in 0..<kills {
      let host = try await HostProcess.start(in: bench)
      let producer = LoadProducer(path: bench.paths.eventSocket, round: round)
      if Bool.random(using: &random) {
        let count = Int.random(in: 1...40, using: &random)
        acknowledged += await producer.run(until: count) { host.process.signal(SIGKILL) }
      } else {
        let start = try await bench.emit(#"{"type":"round"}"#)
        async let killed: Void = kill(host, after: Int.random(in: 1...10, using: &random), from: start, bench)
        // On a busy machine it takes long until something is done, and what nobody has done by then waits for the end.
        acknowledged += await LoadProducer(path: bench.paths.eventSocket, round: round, most: 25).run()
        await killed
      }
      await host.end(SIGKILL)
    }
    let host = try await HostProcess.start(in: bench)
    do {
      let findings = try await CrashFindings(bench)
      print(findings.figures(acknowledged))
      for problem in findings.problems(acknowledged, kills: kills) { Issue.record("\(problem)") }
    } catch {
      Issue.record("\(error); the host says: \(host.errors.suffix(4000))")
    }
    let exit = await host.end(SIGTERM)
    #expect(exit == .exited(0))
    let verification = try StoredLog(path: bench.paths.log).verify { _ in }
    #expect(verification.damage == nil)
    #expect(ListedProcess.named(with: bench.root).isEmpty, "a plugin outlived its host")
  }

  /// Kills a host once it has told of so many events, from a position on, that the first rule is done with.
  private func kill(_ host: HostProcess, after count: Int, from position: Int64, _ bench: HostBench) async {
    var done = 0
    // By the position, since all may be done before it listens.
    try? await bench.client.follow([("type", "load.done"), ("from", "\(position)")]) { _ in
      done += 1
      if done == count { host.process.signal(SIGKILL) }
    }
    // It may have ended, or not have listened.
    host.process.signal(SIGKILL)
  }
}
