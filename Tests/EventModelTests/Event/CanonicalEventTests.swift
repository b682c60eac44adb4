// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct CanonicalEventTests {
  @Test(arguments: [
    ("7", "shop"), (#"a\"b\\"#, "s"), ("", ""), ("é", "/tenants/1"),
  ])
  func `finds id and source where a batch puts them`(id: String, source: String) throws {
    let text = #"{"specversion":"1.0","id":"\#(id)","source":"\#(source)","type":"x"}"#
    let event = Array(text.utf8)
    let found = try #require(CanonicalEvent.identity(event))
    #expect(event[found.id].elementsEqual(id.utf8) && event[found.source].elementsEqual(source.utf8))
  }

  @Test func `agrees with what an intake writes`() throws {
    var batch = EventBatch()
    var intake = EventIntake(defaultSource: "test", clock: SystemClock())
    try intake.append(Array(#"{"id":"a\"\u00e9","source":"s","type":"t"}"#.utf8).span, to: &batch)
    let entry = batch.entries[0]
    let found = try #require(CanonicalEvent.identity(batch.bytes))
    #expect(found.id == entry.id && found.source == entry.source)
  }

  @Test(arguments: [
    "", "{}", #"{"id":"1","source":"s"}"#, #"{"specversion":"1.0","id":"1"#,
    #"{"specversion":"1.0","id":"1","type":"t"}"#, #"{"specversion":"1.0","id":"1\"#,
  ])
  func `says nothing of any other form`(text: String) {
    #expect(CanonicalEvent.identity(Array(text.utf8)) == nil)
  }
}
