// SPDX-License-Identifier: Apache-2.0

import GRDBSQLite
import Synchronization

/// Lets calls of a storage fail: one of them, or that and all later ones.
final class FailingCall: Sendable {
  /// How a call fails.
  enum Manner: CaseIterable, Sendable {
    /// Once, as a device does that has recovered.
    case once
    /// From then on.
    case always
    /// Once, for want of room.
    case full
    /// Once, and a write has been done by half.
    case half
  }

  private struct State {
    var count = 0
    var failed: WatchedStorage.Kind?
  }

  private let place: Int
  private let manner: Manner
  private let state = Mutex(State())

  /// Lets the call of that number fail, the first being 0; with none it only counts.
  init(_ place: Int = .max, _ manner: Manner = .once) {
    self.place = place
    self.manner = manner
  }

  /// How many calls there were.
  var count: Int { state.withLock { $0.count } }

  /// What the first call that failed was to do.
  var failed: WatchedStorage.Kind? { state.withLock { $0.failed } }

  func answer(_ call: borrowing WatchedStorage.Call) -> WatchedStorage.Answer {
    let (kind, length) = (call.kind, call.bytes.count)
    return state.withLock { state in
      defer { state.count += 1 }
      guard manner == .always ? state.count >= place : state.count == place else { return .proceed }
      state.failed = state.failed ?? kind
      switch (manner, kind) {
      case (.full, .write): return .fail(SQLITE_FULL, written: length / 3)
      case (.half, .write): return .fail(Self.status(kind), written: length / 2)
      default: return .fail(Self.status(kind))
      }
    }
  }

  /// With which status such a call fails.
  private static func status(_ kind: WatchedStorage.Kind) -> Int32 {
    switch kind {
    case .open, .create: SQLITE_CANTOPEN
    case .read: ioError(1)
    case .write: ioError(3)
    case .sync: ioError(4)
    case .truncate: ioError(6)
    case .size: ioError(7)
    case .delete: ioError(10)
    case .access: ioError(13)
    case .lock: ioError(15)
    case .share: ioError(21)
    }
  }

  /// One of SQLite's extended statuses of failed input or output.
  private static func ioError(_ reason: Int32) -> Int32 { SQLITE_IOERR | reason << 8 }
}
