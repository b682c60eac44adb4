// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct DurationTextTests {
  @Test(arguments: [
    ("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("2h", 7_200_000), ("7d", 604_800_000),
    ("1h30m", 5_400_000), ("1d2h3m4s5ms", 93_784_005), ("0s", 0), ("PT1H30M", 5_400_000),
    ("P7D", 604_800_000),
    ("P1W", 604_800_000), ("P1DT1S", 86_401_000),
  ])
  func `reads short and ISO 8601 spellings`(text: String, milliseconds: Int64) {
    #expect(DurationText.duration(of: text) == .milliseconds(milliseconds))
  }

  @Test(arguments: [
    "", "5", "s", "5x", "-5s", "1.5h", "5 s", "30m1h", "1s1s", "P", "PT", "P1H", "PT1D",
    "99999999999999999999s",
    "9223372036854775807d", "36501d", "1M", "٣s",
  ])
  func `refuses everything else`(text: String) {
    #expect(DurationText.duration(of: text) == nil)
  }
}
