// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Rules
import Synchronization

/// A row of a view that has changed.
public struct ViewChange: Sendable, Hashable {
  /// The row's key.
  public let key: String
  /// The event up to which the view was made when the row was so.
  public let position: LogPosition
  /// The row as it is now; nil when it was removed.
  public let row: JSONValue?
}

/// Hears of the rows of a view that change, as fast as whoever listens.
///
/// Of several changes of a row that nobody has heard of yet, the last one counts.
public final class ViewFollower: Sendable {
  /// Of how many rows changes are kept for somebody who does not listen.
  private static let greatestCount = 10_000

  private struct State {
    var order: [RowKey] = []
    var rows: [RowKey: (position: LogPosition, row: ViewRow?)] = [:]
    var lost = 0
  }

  let view: String
  private let state = Mutex(State())
  private let news: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation
  private let columns = Mutex<[String]>([])

  init(_ view: String, onEnd: @escaping @Sendable () -> Void) {
    self.view = view
    (news, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.onTermination = { _ in onEnd() }
  }

  /// The rows that have changed, in the order in which they did first, and of how many others changes were left out.
  ///
  /// Nil when the host ends or the task is cancelled.
  public func next() async -> (changes: [ViewChange], lost: Int)? {
    var iterator = news.makeAsyncIterator()
    while true {
      let found = state.withLock { state in
        defer { state = State() }
        return state
      }
      guard found.order.isEmpty, found.lost == 0 else { return (changes(found), found.lost) }
      guard await iterator.next(isolation: #isolation) != nil else { return nil }
    }
  }

  private func changes(_ state: State) -> [ViewChange] {
    let columns = columns.withLock { $0 }
    return state.order.compactMap { key in
      state.rows[key].map { change in
        ViewChange(
          key: key.text,
          position: change.position,
          row: change.row.map { ViewRows.json(key.text, $0, columns) }
        )
      }
    }
  }

  /// Takes a change.
  func note(_ view: ViewDefinition, _ position: LogPosition, _ key: RowKey, _ row: ViewRow?) {
    columns.withLock { $0 = view.columns.map(\.name) }
    state.withLock { state in
      if state.rows[key] == nil {
        guard state.order.count < Self.greatestCount else {
          state.lost += 1
          return
        }
        state.order.append(key)
      }
      state.rows[key] = (position, row)
    }
    continuation.yield()
  }

  /// Hears nothing more.
  public func end() { continuation.finish() }
}

/// Those who follow views.
final class ViewFollowers: Sendable {
  private let followers = Mutex<[UInt64: ViewFollower]>([:])
  private let lastID = Atomic<UInt64>(0)
  private let count = Atomic(0)

  /// Whether anybody follows; costs next to nothing.
  var isEmpty: Bool { count.load(ordering: .acquiring) == 0 }

  func follow(_ view: String) -> ViewFollower {
    let id = lastID.add(1, ordering: .relaxed).newValue
    let follower = ViewFollower(view) { [weak self] in self?.remove(id) }
    followers.withLock { $0[id] = follower }
    count.add(1, ordering: .acquiringAndReleasing)
    return follower
  }

  private func remove(_ id: UInt64) {
    guard followers.withLock({ $0.removeValue(forKey: id) }) != nil else { return }
    count.subtract(1, ordering: .acquiringAndReleasing)
  }

  /// Tells of a change.
  func note(_ view: ViewDefinition, _ position: LogPosition, _ key: RowKey, _ row: ViewRow?) {
    let interested = followers.withLock { $0.values.filter { $0.view == view.id } }
    for follower in interested { follower.note(view, position, key, row) }
  }

  func close() { for follower in followers.withLock({ Array($0.values) }) { follower.end() } }
}
