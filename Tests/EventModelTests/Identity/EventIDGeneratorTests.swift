// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct EventIDGeneratorTests {
  @Test func `makes UUIDs of version 7 that begin with the time`() {
    var generator = EventIDGenerator(random: SeededRandom(seed: 1))
    let id = generator.next(at: Timestamp(seconds: 1_645_557_742, nanoseconds: 0))
    #expect(id.hasPrefix("017f22e2-79b0-7"))
    #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
  }

  @Test func `ascends even when the clock stands still or goes back`() {
    var generator = EventIDGenerator(random: SeededRandom(seed: 2))
    var last = ""
    for step in 0..<100_000 {
      let id = generator.next(at: Timestamp(microseconds: 1_000_000_000 - Int64(step % 7) * 5000))
      #expect(id > last)
      last = id
    }
  }

  @Test func `repeats with its seed`() {
    var first = EventIDGenerator(random: SeededRandom(seed: 3))
    var second = EventIDGenerator(random: SeededRandom(seed: 3))
    #expect(first.next(at: Timestamp(seconds: 9)) == second.next(at: Timestamp(seconds: 9)))
  }
}
