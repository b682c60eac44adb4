// SPDX-License-Identifier: Apache-2.0

import DurableLog
import Projections
import Synchronization

/// Tells those who follow the log that there is something new.
///
/// A follower reads the log itself, at its own pace; it is only woken, so nobody can fall behind for good and nothing
/// is kept in memory for it.
final class Followers: Sendable {
  private let streams = Mutex<[UInt64: AsyncStream<Void>.Continuation]>([:])
  private let lastID = Atomic<UInt64>(0)

  /// A stream with an element whenever there may be something new; several may be one.
  func follow() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let id = lastID.add(1, ordering: .relaxed).newValue
    continuation.onTermination = { [weak self] _ in
      self?.streams.withLock { $0[id] = nil }
    }
    streams.withLock { $0[id] = continuation }
    return stream
  }

  func notify() {
    for continuation in streams.withLock({ Array($0.values) }) { continuation.yield() }
  }

  /// Ends all streams.
  func close() {
    for continuation in streams.withLock({ Array($0.values) }) { continuation.finish() }
  }
}

/// Tells the dispatcher, the followers, the log's keeper and the views of each commit.
struct CommitFanOut: CommitObserver {
  let dispatcher: any CommitObserver
  let followers: Followers
  let keeper: LogKeeper
  let views: ViewKeeper

  func committed(_ commit: Commit) {
    dispatcher.committed(commit)
    followers.notify()
    keeper.noteCommit()
    views.noteCommit()
  }
}
