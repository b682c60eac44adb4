// SPDX-License-Identifier: Apache-2.0

import DequeModule
import EventModel
import Rules

/// How many attempts of a listener may begin in some time: in any span of that length, no more than so many.
///
/// Counts from the start of the host. A pure value.
struct RateLimit: Sendable {
  let limit: RateDefinition
  /// When the last attempts have begun, the earliest first; no more than matter.
  private var starts: Deque<Timestamp> = []

  init(_ limit: RateDefinition) { self.limit = limit }

  /// When the next attempt may begin; nil for at once.
  func nextStart(after now: Timestamp) -> Timestamp? {
    guard starts.count >= limit.count, let first = starts.first, now < first + limit.per else { return nil }
    return first + limit.per
  }

  /// Notes that an attempt begins.
  mutating func note(_ now: Timestamp) {
    starts.append(now)
    if starts.count > limit.count { starts.removeFirst() }
  }

  /// The last attempts that were noted have not begun.
  mutating func undo(_ count: Int) { starts.removeLast(min(count, starts.count)) }
}
