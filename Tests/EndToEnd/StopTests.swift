// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import FaultTesting
import Foundation
import Processes
import Testing

/// Hosts that are stopped while they are asked something by many.
///
/// `EARSHOT_STOPS` says how many.
@Suite struct StopTests {
  private static let stops = FaultSize.of("EARSHOT_STOPS", short: 3)

  @Test func `a host that is stopped while many connect ends by itself, and in peace`() async throws {
    let bench = try HostBench(rules: "rules: { a: { trigger: { type: x }, actions: { emit: { type: y } } } }")
    defer { bench.remove() }
    for _ in 0..<Self.stops {

      let host = try await HostProcess.start(in: bench)
      let askers = (0..<4).map { _ in
        // Each connects anew for each event, until nobody answers.
        Task { while (try? await bench.emit(#"{"type":"z"}"#)) != nil {} }
      }
      try await bench.emit(#"{"type":"x"}"#)
      #expect(await host.end(SIGTERM) == .exited(0), "\(host.errors.prefix(2000))")
      for asker in askers { await asker.value }
    }
  }
}
