// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import SQLiteLog

/// Opens the log of a state directory.
enum LogFolder {
  /// Opens the log, making it if it is not there, readable for its user alone.
  static func open(
    _ paths: StatePaths,
    clock: any HostClock,
    onSpace: @escaping @Sendable (_ isLow: Bool) -> Void = { _ in },
    onFatal: @escaping @Sendable (LogFailure) -> Void
  ) throws -> SQLiteLog {
    do {
      try FileManager.default.createDirectory(
        atPath: paths.state,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
      // The database's other files take their mode from this one, which holds what only its user may read.
      close(Foundation.open(paths.log, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
      return try SQLiteLog(path: paths.log, clock: clock, onSpace: onSpace, onFatal: onFatal)
    } catch let failure as LogFailure {
      throw HostFailure("\(paths.log): \(failure)", status: failure.code == .alreadyOpen ? 69 : 74)
    } catch {
      throw HostFailure("'\(paths.state)' cannot be made: \(error)", status: 73)
    }
  }
}

/// Lets nothing follow from events: what is done to a log without a host is not shown to rules.
struct NoRules: EventRouter, CommitObserver {
  func route(
    _ events: EventBatch,
    outcomes: [AppendOutcome],
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) -> EventBatch { EventBatch() }

  func change(
    _ window: StoredWindow,
    _ wish: WindowWish,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) -> EventBatch { EventBatch() }

  func lookBack(
    for event: AwaitedEvent,
    of run: Run,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) {}

  func rolledBack() {}
  func committed(_ commit: Commit) {}
}
