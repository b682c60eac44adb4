// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Testing

@Suite struct EventStampTests {
  @Test func `adds the position and the time of recording to what leaves the log`() {
    var page = EventPage()
    page.append(
      position: LogPosition(rawValue: 7),
      recorded: Timestamp(seconds: 0),
      json: Array(#"{"type":"x"}"#.utf8)
    )
    var output: [UInt8] = []
    page.appendStamped(0, to: &output)
    #expect(
      String(decoding: output, as: UTF8.self)
        == #"{"type":"x","sequence":"7","recordedtime":"1970-01-01T00:00:00Z"}"#
    )
  }
}
