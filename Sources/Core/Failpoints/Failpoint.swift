// SPDX-License-Identifier: Apache-2.0

#if DEBUG
  import Foundation
  import Synchronization
#endif

/// Theory of operation.
///
/// A failpoint is a place with a name at which a test lets the host die, between two things of which the second must not
/// be lost, or must not be done twice, when only the first has happened. `EARSHOT_FAILPOINT=attempt-sent:3` kills the
/// process when it passes that place for the third time, as `kill -9` does. Release builds have none.
public enum Failpoint: String, CaseIterable, Sendable {
  /// A transaction of the log has been written and is not committed.
  case transactionWritten = "transaction-written"
  /// A transaction of the log is committed, and nobody has been told.
  case transactionCommitted = "transaction-committed"
  /// What a window's end has led to is written and not committed.
  case windowClosed = "window-closed"
  /// Attempts are committed as begun, and no listener has been asked.
  case attemptCommitted = "attempt-committed"
  /// Listeners have been asked to make attempts.
  case attemptSent = "attempt-sent"
  /// Attempts have ended, and nothing of that is recorded.
  case outcomeHeard = "outcome-heard"
  /// The outcomes of attempts are committed.
  case outcomeCommitted = "outcome-committed"
  /// A part of a new schema is written and not committed.
  case migrating = "migrating"
  /// Events are noted as kept and none is forgotten yet.
  case pruning = "pruning"
  /// Events are erased, and the event that tells of it is not appended yet.
  case erasing = "erasing"
  /// Rows of views and how far they have come are written and not committed.
  case viewWritten = "view-written"
  /// Rows of views are committed.
  case viewCommitted = "view-committed"
  /// A view that was built anew has taken the other one's place, and that is not committed.
  case viewSwapped = "view-swapped"
  /// The host has stored its rules and has not taken up what an earlier one has left.
  case recovering = "recovering"
  /// What an earlier host has left is taken up.
  case recovered = "recovered"

  /// Passes the place; in a release build, nothing.
  @inlinable
  public func pass() {
    #if DEBUG
      FailpointPlan.present?.pass(self)
    #endif
  }
}

#if DEBUG
  /// At which place the process dies, and when.
  public final class FailpointPlan: Sendable {
    /// The plan of the environment; nil when there is none.
    public static let present = ProcessInfo.processInfo.environment["EARSHOT_FAILPOINT"]
      .flatMap(FailpointPlan.init)

    private let point: Failpoint
    private let left: Atomic<Int>

    private init?(_ text: String) {
      let parts = text.split(separator: ":")
      guard parts.count == 2, let point = Failpoint(rawValue: String(parts[0])), let count = Int(parts[1])
      else { return nil }
      self.point = point
      left = Atomic(count)
    }

    /// Counts the passing of a place, and ends the process if it is the one.
    public func pass(_ point: Failpoint) {
      guard point == self.point, left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
      kill(getpid(), SIGKILL)
    }
  }
#endif
