// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct RFC3339Tests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0, 0), ("1969-12-31T23:59:59.5Z", -1, 500_000_000),
      ("2018-04-05T17:31:00Z", 1_522_949_460, 0),
      ("2018-04-05t19:31:00.123456789999+02:00", 1_522_949_460, 123_456_789),
      ("2020-02-29T00:00:00-00:00", 1_582_934_400, 0), ("2016-12-31T23:59:60Z", 1_483_228_800, 0),
      ("2017-01-01T01:29:60+01:30", 1_483_228_800, 0), ("0000-01-01T00:00:00Z", -62_167_219_200, 0),
      ("9999-12-31T23:59:59.999Z", 253_402_300_799, 999_000_000),
    ] as [(String, Int64, Int32)]
  )
  func `reads date-times with any offset`(text: String, seconds: Int64, nanoseconds: Int32) {
    #expect(Timestamp(rfc3339: text) == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
  }

  @Test(arguments: [
    "", "yesterday", "2018-04-05 17:31", "2018-04-05T17:31:00", "2018-04-05T25:00:00Z", "2018-4-5T17:31:00Z",
    "2018-04-05T17:31:00+24:00", "2019-02-29T00:00:00Z", "2018-04-31T00:00:00Z", "2018-13-01T00:00:00Z",
    "2018-04-05T17:60:00Z", "2018-04-05T17:31:60Z", "2018-04-05T17:31:61Z", "2018-04-05T17:31:00.Z",
    "2018-04-05T17:31:00Zx", "2018-04-05T17:31Z", "2018-04-05T17:31:00+0200", "+018-04-05T17:31:00Z",
  ])
  func `refuses everything else`(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test func `writes every day of four centuries so that it reads back`() {
    for day in stride(from: Int64(-141_427), to: 146_097, by: 1) {
      let instant = Timestamp(
        seconds: day * 86_400 + day.magnitude.description.utf8.reduce(0) { $0 + Int64($1) }
      )
      #expect(Timestamp(rfc3339: instant.rfc3339) == instant)
    }
  }

  @Test func `writes as many fraction digits as are needed`() {
    let texts = [0, 5_000_000, 5_000, 5].map { Timestamp(seconds: 0, nanoseconds: $0).rfc3339 }
    #expect(
      texts == [
        "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.005Z", "1970-01-01T00:00:00.000005Z",
        "1970-01-01T00:00:00.000000005Z",
      ]
    )
  }

  @Test func `knows the days of the week`() {
    #expect(CivilDate.weekday(daysSinceEpoch: 0) == 4)
    #expect(CivilDate.weekday(daysSinceEpoch: -5) == 6)
    #expect(CivilDate.weekday(daysSinceEpoch: CivilDate.daysSinceEpoch(year: 2024, month: 2, day: 29)) == 4)
  }
}
