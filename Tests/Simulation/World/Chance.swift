// SPDX-License-Identifier: Apache-2.0

import EventModel

/// All chance of one simulation: what a seed gives is drawn here and nowhere else.
// Unchecked: a simulation is done by one thread.
final class Chance: RandomNumberGenerator, @unchecked Sendable {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  func next() -> UInt64 { random.next() }

  /// A number from 0 on, below `limit`.
  func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// A number of a range.
  func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// Happens once in so many times; never for 0.
  func once(in count: Int) -> Bool { count > 0 && below(count) == 0 }

  /// One of several.
  func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
