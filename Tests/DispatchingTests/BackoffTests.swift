// SPDX-License-Identifier: Apache-2.0

import Dispatching
import EventModel
import Testing

@Suite struct BackoffTests {
  private func pauses(_ backoff: Backoff, seed: UInt64 = 1) -> [Duration] {
    var random = SeededRandom(seed: seed)
    return (1..<backoff.attempts).compactMap { backoff.pause(after: $0, using: &random) }
  }

  @Test func `doubles up to the maximum`() {
    let backoff = Backoff(attempts: 6, initial: .seconds(1), factor: 2, maximum: .seconds(5), jitter: 0)
    #expect(pauses(backoff) == [1, 2, 4, 5, 5].map { .seconds($0) })
  }

  @Test func `gives up after the last attempt`() {
    var random = SeededRandom(seed: 1)
    #expect(Backoff.standard.pause(after: 5, using: &random) == nil)
    #expect(Backoff.standard.pause(after: 5, wish: .seconds(1), using: &random) == nil)
  }

  @Test func `honours a listener's wish`() {
    var random = SeededRandom(seed: 1)
    #expect(Backoff.standard.pause(after: 1, wish: .seconds(77), using: &random) == .seconds(77))
    #expect(Backoff.standard.pause(after: 1, wish: .seconds(-1), using: &random) == .zero)
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `stays within the jitter and repeats with the seed`(seed: UInt64) {
    let backoff = Backoff(attempts: 4, initial: .seconds(1), factor: 3, maximum: .seconds(60), jitter: 0.25)
    let first = pauses(backoff, seed: seed)
    #expect(first == pauses(backoff, seed: seed))
    for (pause, exact) in zip(first, [1.0, 3.0, 9.0]) {
      #expect(pause >= .seconds(exact * 0.75) && pause <= .seconds(exact * 1.25))
    }
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func `gives no pause that the log cannot store, so that what is due is due`(seed: UInt64) {
    for pause in pauses(.standard, seed: seed) {
      #expect(pause.components.attoseconds % 1_000_000_000_000 == 0)
    }
  }

  @Test func `never overflows`() {
    let backoff = Backoff(
      attempts: .max,
      initial: .seconds(1),
      factor: 10,
      maximum: .seconds(3600),
      jitter: 0
    )
    var random = SeededRandom(seed: 1)
    #expect(backoff.pause(after: 1_000_000_000, using: &random) == .seconds(3600))
  }
}
