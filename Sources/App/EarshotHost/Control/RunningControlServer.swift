// SPDX-License-Identifier: Apache-2.0

import EventModel
import HummingbirdCore

/// A control server that serves, and how it ends.
struct RunningControlServer: Sendable {
  /// How long those have to end who are being answered.
  private static let patience = Duration.seconds(2)

  let server: Server<CheckedChannel>
  let task: Task<Void, any Error>

  /// Accepts nobody any more, answers those who have asked, and returns when it is done.
  func stop(clock: SteadyClock) async {
    let deadline = Alarm(clock: clock) { [task] in task.cancel() }
    deadline.set(clock.now() + Self.patience)
    // Not by cancelling the task at once: a connection that is accepted and not served yet would end the process (NIO's
    // channels insist on being served).
    try? await server.shutdownGracefully()
    _ = try? await task.value
    deadline.cancel()
  }
}
