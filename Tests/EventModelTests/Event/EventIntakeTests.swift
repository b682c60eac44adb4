// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct EventIntakeTests {
  private struct StoppedClock: HostClock {
    func now() -> Timestamp { Timestamp(seconds: 1_000_000_000) }
    func sleep(until instant: Timestamp) async throws {}
  }

  private func intake(_ form: EventIntake.Form = .shorthand) -> EventIntake {
    EventIntake(
      form: form,
      defaultSource: "inbox",
      clock: StoppedClock(),
      ids: EventIDGenerator(random: SeededRandom(seed: 1))
    )
  }

  private func take(_ text: String, _ form: EventIntake.Form = .shorthand) throws -> EventBatch {
    var intake = intake(form)
    var batch = EventBatch()
    try intake.append(Array(text.utf8).span, to: &batch)
    return batch
  }

  @Test func `fills in what a producer may leave out`() throws {
    let batch = try take(#"{"type":"x"}"#)
    #expect(
      String(decoding: batch.json(0), as: UTF8.self)
        == #"{"specversion":"1.0","id":"\#(batch.id(0))","source":"inbox","type":"x","time":"2001-09-09T01:46:40Z"}"#
    )
    #expect(batch.id(0).utf8.count == 36)
  }

  @Test func `puts attributes into their order, drops nulls and what the host stamps, and keeps the rest`()
    throws
  {
    let text = """
      { "data" : {"b": [1, 2 ],
        "a b" : "x \\" y"}, "ext": true, "sequence":"9", "recordedtime":"x", "subject": "s", "type": "t",
        "n": null, "num": -5, "time":"2020-01-01T00:00:00+01:00", "source":"/a", "id":"\\u0041\\/1",
        "datacontenttype":"application/json", "dataschema":"urn:x", "hops": 3 }
      """
    let batch = try take(text)
    #expect(
      String(decoding: batch.json(0), as: UTF8.self)
        == #"{"specversion":"1.0","id":"A/1","source":"/a","type":"t","subject":"s","time":"2020-01-01T00:00:00+01:00","datacontenttype":"application/json","dataschema":"urn:x","hops":3,"ext":true,"num":-5,"data":{"b":[1,2],"a b":"x \" y"}}"#
    )
  }

  @Test func `gives equal ids equal bytes however they are escaped`() throws {
    let first = try take(#"{"type":"x","id":"a\u0022\/é"}"#)
    let second = try take(#"{"type":"x","id":"\u0061\"/\u00e9"}"#)
    #expect(first.bytes[first.entries[0].id] == second.bytes[second.entries[0].id])
    #expect(first.id(0) == "a\"/é")
  }

  @Test func `keeps the batch as it was after an error`() throws {
    var intake = intake()
    var batch = EventBatch()
    try intake.append(Array(#"{"type":"x"}"#.utf8).span, to: &batch)
    let before = batch.bytes
    #expect(throws: EventError.self) { try intake.append(Array(#"{"id":"1"}"#.utf8).span, to: &batch) }
    #expect(batch.bytes == before)
    #expect(batch.count == 1)
  }

  @Test(arguments: [
    ("[]", "event-not-an-object", 0), ("{}", "event-missing-attribute", 1),
    (#"{"type":null}"#, "event-missing-attribute", 12), (#"{"type":7}"#, "event-bad-attribute", 8),
    (#"{"type":""}"#, "event-bad-attribute", 8), (#"{"type":"x","my-ext":1}"#, "event-bad-name", 12),
    (#"{"type":"x","ext":1.5}"#, "event-bad-attribute", 18),
    (#"{"type":"x","ext":{}}"#, "event-bad-attribute", 18),
    (#"{"type":"x","data":1,"data_base64":"AA=="}"#, "event-two-payloads", 35),
    (#"{"type":"x","data_base64":"A"}"#, "event-bad-attribute", 26),
    (#"{"type":"x","hops":17}"#, "event-too-many-hops", 19),
    (#"{"type":"x","hops":-1}"#, "event-bad-attribute", 19),
    (#"{"type":"x","type":"y"}"#, "json-duplicate-key", 12), (#"{"type":"x""#, "json-unexpected-end", 11),
    (#"{"type":"a\u0000"}"#, "event-bad-attribute", 8),
  ])
  func `names what is wrong and where`(text: String, code: String, offset: Int) {
    let error = #expect(throws: EventError.self) { try take(text) }
    #expect(error?.code == code)
    #expect(error?.offset == offset)
  }

  @Test func `asks for all required attributes where the full form is spoken`() throws {
    #expect(throws: EventError.self) { try take(#"{"type":"x","id":"1","source":"/s"}"#, .cloudEvents) }
    _ = try take(#"{"specversion":"1.0","type":"x","id":"1","source":"/s"}"#, .cloudEvents)
  }

  @Test func `takes what it wrote, unchanged`() throws {
    let batch = try take(##"{"type":"x","subject":"a\"b","data":[null,"\n",{}]}"##)
    let again = try take(String(decoding: batch.json(0), as: UTF8.self), .cloudEvents)
    #expect(again.bytes == batch.bytes)
  }
}
