// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Synchronization

/// How a step is found that ends the host.
enum Suspicion {
  /// After so many ends of the host during it a step is suspect.
  static let threshold = 2
  /// After so many it is given up.
  static let mostInterruptions = 3
  /// When a suspect's next attempt is due if it is not made before that.
  static let patience = Duration.seconds(600)
}

/// Trying suspects one by one.
///
/// Many attempts may be under way when the host ends, and one of them may be why. Those that were under way twice are tried
/// again alone, with nothing else under way: if the host ends then, too, the one is found; otherwise it is cleared.
extension Dispatcher {
  /// The runs that wait for their next attempt and were under way at several ends of the host.
  func suspects() throws -> [RunID] {
    let interrupted = try surroundings.log.interruptedRuns(limit: .max)
    return interrupted.filter { $0.interruptions >= Suspicion.threshold }.map(\.id)
  }

  /// Makes the attempts of suspects, each alone, and hands out others only then.
  func isolate(_ suspects: [RunID]) {
    lanes.withLock { $0.isIsolating = true }
    surroundings.report("the host has ended repeatedly; \(suspects.count) runs are tried alone first")
    // Beside the start of the host, which does not wait for plugins.
    Task(executorPreference: surroundings.executor) { [self] in
      for run in suspects where lanes.withLock({ $0.isHandingOut }) { await attemptAlone(run) }
      lanes.withLock { $0.isIsolating = false }
      queue.async { [self] in goOn() }
    }
  }

  private func attemptAlone(_ run: RunID) async {
    do {
      guard let lane = try surroundings.log.run(run)?.lane else { return }
      let change = LogChange(runs: [.wake(run), .attempt(run, by: lane.listener)])
      // It may have been woken meanwhile; what counts is that its attempt is committed.
      guard try await surroundings.log.submit(change).runChanges.last == true else { return }
      queue.async { [self] in
        lanes.withLock { $0.take(run, of: lane) }
        // What was read of it while it waited does not hold any more.
        waiting.withLock { _ = $0.take(run) }
        beginFromLog([run])
      }
      await waitUntilIdle()
    } catch {
      surroundings.report("\(error); run \(run.rawValue) is not tried alone")
    }
  }
}
