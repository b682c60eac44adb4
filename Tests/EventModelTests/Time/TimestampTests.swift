// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [0, 1, -1, 1_500_000, -1_500_000, 253_402_300_799_999_999] as [Int64])
  func `keeps microseconds through a round trip`(_ microseconds: Int64) {
    #expect(Timestamp(microseconds: microseconds).microseconds == microseconds)
  }

  @Test func `adds and subtracts durations across the second and the epoch`() {
    let instant = Timestamp(seconds: 0, nanoseconds: 100)
    let earlier = instant + .nanoseconds(-200)
    #expect(earlier == Timestamp(seconds: -1, nanoseconds: 999_999_900))
    #expect(instant - earlier == .nanoseconds(200))
    #expect(earlier < instant)
  }
}
