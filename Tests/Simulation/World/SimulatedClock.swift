// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The machine's clock, moved by the simulation; goes on when a host ends.
// Unchecked: a simulation is done by one thread.
final class SimulatedClock: HostClock, @unchecked Sendable {
  private struct Sleeper {
    let id: Int
    let due: Duration
    let continuation: CheckedContinuation<Void, any Error>
  }

  private var civil = Timestamp(seconds: 1_700_000_000)
  private(set) var elapsed = Duration.zero
  private var sleepers: [Sleeper] = []
  private var lastID = 0
  /// Called whenever somebody asks for the uptime, who may be interrupted there.
  var onReading: () -> Void = {}

  func now() -> Timestamp { civil }

  func uptime() -> Duration {
    onReading()
    return elapsed
  }

  /// Nothing in the engine waits for a time of day.
  func sleep(until instant: Timestamp) async throws {
    preconditionFailure("somebody waits for a time of day")
  }

  func sleep(untilUptime uptime: Duration) async throws {
    lastID += 1
    let id = lastID
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
        if uptime <= elapsed { return continuation.resume() }
        sleepers.append(Sleeper(id: id, due: uptime, continuation: continuation))
      }
    } onCancel: {
      guard let index = sleepers.firstIndex(where: { $0.id == id }) else { return }
      sleepers.remove(at: index).continuation.resume(throwing: CancellationError())
    }
  }

  /// How long until somebody is to be woken; nil for nobody, nor for those who wait for ever.
  var rest: Duration? { sleepers.map { $0.due - elapsed }.filter { $0 < .seconds(100_000_000) }.min() }

  /// Lets time pass and wakes all whose time has come before anything else happens.
  func advance(by duration: Duration) {
    civil = civil + duration
    elapsed += duration
    let due = sleepers.filter { $0.due <= elapsed }
    sleepers.removeAll { $0.due <= elapsed }
    for sleeper in due { sleeper.continuation.resume() }
  }

  /// Sets civil time; no time passes.
  func set(by difference: Duration) { civil = civil + difference }
}
