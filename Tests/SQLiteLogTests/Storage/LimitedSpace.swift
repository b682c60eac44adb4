// SPDX-License-Identifier: Apache-2.0

import GRDBSQLite
import Synchronization

/// A storage with room for so many bytes.
final class LimitedSpace: Sendable {
  private struct State {
    var room: Int
    var sizes: [String: Int] = [:]
    var refusals = 0
  }

  private let state: Mutex<State>

  init(room: Int) { state = Mutex(State(room: room)) }

  /// How many writes found no room.
  var refusals: Int { state.withLock { $0.refusals } }

  /// How many bytes the files have.
  var used: Int { state.withLock { $0.sizes.values.reduce(0, +) } }

  /// Sets for how many bytes there is room, those that are used included.
  func setRoom(_ room: Int) { state.withLock { $0.room = room } }

  func answer(_ call: borrowing WatchedStorage.Call) -> WatchedStorage.Answer {
    let (path, start, kind) = (call.path, call.offset, call.kind)
    let end = start + call.bytes.count
    return state.withLock { state in
      let size = state.sizes[path] ?? 0
      switch kind {
      case .truncate: state.sizes[path] = min(size, end)
      case .delete: state.sizes[path] = nil
      case .write where end > size:
        let left = state.room - state.sizes.values.reduce(0, +)
        guard end - size <= left else {
          state.refusals += 1
          // As a file system does it: what there is room for is written.
          state.sizes[path] = size + max(left, 0)
          return .fail(SQLITE_FULL, written: max(size + max(left, 0) - start, 0))
        }
        state.sizes[path] = end
      default: break
      }
      return .proceed
    }
  }
}
