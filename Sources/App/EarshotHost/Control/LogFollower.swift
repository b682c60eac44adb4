// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// Reads on in the log as it grows, as fast as whoever asks.
struct LogFollower {
  private static let pageSize = 256

  private let log: any DurableLog
  private let filter: EventFilter
  private var position: LogPosition
  private var news: AsyncStream<Void>.Iterator

  init(_ log: any DurableLog, _ followers: Followers, from start: LogPosition?, _ filter: EventFilter) throws
  {
    self.log = log
    self.filter = filter
    // Before the first read, so that nothing falls between the two.
    news = followers.follow().makeAsyncIterator()
    position = try start ?? log.lastPosition().next
  }

  /// The next events, at least one, or nil when the host ends or the task is cancelled.
  mutating func next() async throws -> [(position: LogPosition, json: [UInt8])]? {
    while true {
      let page = try log.events(from: position, limit: Self.pageSize)
      if let last = page.entries.last {
        position = last.position.next
        let found = page.stamped(filter).found
        if !found.isEmpty { return found }
      } else if await news.next(isolation: #isolation) == nil {
        return nil
      }
    }
  }
}
