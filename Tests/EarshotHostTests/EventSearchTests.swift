// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import FaultTesting
import Testing

@testable import EarshotHost

/// Which events a search finds, in the reference log.
@Suite struct EventSearchTests {
  private let clock = VirtualClock()
  private let log: InMemoryLog

  init() { log = InMemoryLog(clock: clock) }

  private func append(
    _ type: String,
    id: String? = nil,
    source: String = "test",
    subject: String? = nil,
    data: JSONValue? = nil,
    correlation: String? = nil,
    cause: String? = nil
  ) async throws {
    clock.advance(by: .seconds(60))
    var event = CloudEvent(type: type, subject: subject, data: data)
    (event.id, event.source) = (id, source)
    if let correlation { event.extensions.append(.init("correlationid", .string(correlation))) }
    if let cause { event.extensions.append(.init("causationid", .string(cause))) }
    var intake = EventIntake(defaultSource: "test", clock: clock)
    var batch = EventBatch()
    try intake.append(event, to: &batch)
    try await log.submit(LogChange(events: batch))
  }

  private func answer(_ query: [String: String]) throws -> JSONValue {
    try #require(try LogQueries(log, clock: clock).answer(["events"], query))
  }

  private func positions(_ query: [String: String]) throws -> [Int] { Self.positions(try answer(query)) }

  private static func positions(_ list: JSONValue?) -> [Int] {
    guard case .array(let events)? = list else { return [] }
    return events.compactMap { $0["sequence"]?.string.flatMap { Int($0) } }
  }

  private func refusal(_ query: [String: String]) -> String {
    do {
      _ = try answer(query)
      return ""
    } catch {
      return (error as? LogQueries.Refusal)?.description ?? "\(error)"
    }
  }

  @Test func `finds events by type, source, subject, correlation and condition`() async throws {
    try await append("order.created", id: "a", subject: "order/1", data: ["total": 5])
    try await append("order.paid", source: "shop", subject: "order/1", correlation: "a")
    try await append("order.created", subject: "order/2", data: ["total": 50])
    try await append("other", subject: "cart/1", data: ["total": 50])
    #expect(try positions(["type": "order.created"]) == [1, 3])
    #expect(try positions(["type": "order.*"]) == [1, 2, 3])
    #expect(try positions(["type": "none"]) == [] && positions(["type": "none.*"]) == [])
    #expect(try positions(["source": "shop"]) == [2])
    #expect(try positions(["subject": "order/1"]) == [1, 2])
    #expect(try positions(["subject": "order/*"]) == [1, 2, 3])
    #expect(try positions(["correlation": "a"]) == [1, 2])
    #expect(try positions(["where": "event.data.total > 10.0", "type": "order.*"]) == [3])
    #expect(try positions(["where": "event.sequence == '4'"]) == [4])
    #expect(try positions(["limit": "2"]) == [3, 4])
    #expect(try positions(["from": "2", "to": "3"]) == [2, 3])
    #expect(try positions(["to": "3", "limit": "2"]) == [2, 3])
    #expect(try positions(["from": "1", "limit": "2"]) == [1, 2])
    #expect(try positions(["from": "1", "limit": "2", "order": "newest"]) == [3, 4])
  }

  @Test func `finds events by the time of their recording`() async throws {
    let start = clock.now()
    for _ in 0..<5 { try await append("t") }
    #expect(try positions(["since": "2m"]) == [3, 4, 5])
    #expect(try positions(["until": "2m"]) == [1, 2])
    #expect(try positions(["since": (start + .seconds(120)).rfc3339, "until": "1m"]) == [2, 3])
    #expect(try positions(["since": "0s"]) == [5], "what is recorded now is there")
    #expect(try positions(["since": "4m", "from": "3"]) == [3, 4, 5])
  }

  @Test func `an event for which the condition has no value is counted apart`() async throws {
    try await append("t", data: ["n": 1])
    try await append("t")
    try await append("t", data: ["n": "text"])
    let part = try answer(["where": "event.data.n > 0.0", "paged": "true"])
    #expect(Self.positions(part["events"]) == [1])
    #expect(part["without_value"]?.int == 2)
    let count = try answer(["where": "event.data.n > 0.0", "count": "true"])
    #expect(count.json == #"{"counts":[{"count":1}],"without_value":2}"#)
  }

  @Test func `a condition that cannot be read is shown with its place`() {
    #expect(
      refusal(["where": "event.tpye == 'a' && secret('X') == ''"]) == """
        the condition cannot be read
        where:1:1: error: an event has no attribute 'tpye' [expression-unknown-field]
         1 | event.tpye == 'a' && secret('X') == ''
           | ^~~~~~~~~~
        help: did you mean 'type'?, or write ["tpye"] if that is meant
        where:1:22: error: secrets are only for the parameters of 'uses' [expression-unknown-name]
         1 | event.tpye == 'a' && secret('X') == ''
           |                      ^~~~~~
        """
    )
    #expect(refusal(["where": "env.HOME == ''"]).contains("where:1:1: error: "))
    #expect(refusal(["where": "event.data +"]).contains("expression-syntax"))
  }

  @Test func `what cannot be asked is said`() {
    #expect(refusal(["tpye": "a"]) == "there is no parameter 'tpye': did you mean 'type'?")
    #expect(refusal(["limit": "x"]) == "'x' is no number for 'limit'")
    #expect(
      refusal(["since": "soon"])
        == "'soon' is no time for 'since': write 24h, or 2026-01-31T07:00:00Z"
    )
    #expect(refusal(["order": "up"]) == "'up' is no order: write ascending or newest")
    #expect(
      refusal(["by": "color"]) == "events are not counted by 'color': write one of type, source, hour, day"
    )
  }

  @Test func `counts events by what they have in common`() async throws {
    for index in 0..<90 { try await append(index % 3 == 0 ? "a" : "b", source: index < 80 ? "x" : "y") }
    let counts = { (query: [String: String]) in try answer(query)["counts"]?.json }
    #expect(try counts(["by": "type"]) == #"[{"type":"a","count":30},{"type":"b","count":60}]"#)
    #expect(
      try counts(["by": "source", "type": "a"]) == #"[{"source":"x","count":27},{"source":"y","count":3}]"#
    )
    #expect(try counts(["count": "true", "type": "b"]) == #"[{"count":60}]"#)
    let hours = try #require(try counts(["by": "hour"]))
    #expect(hours.contains(":00Z\",\"count\":"))
    #expect(try counts(["by": "day", "where": "event.type == 'a'"])?.contains("\"count\":30") == true)
  }

  @Test(arguments: ["ascending", "newest"]) func `parts are all of the answer, each event once`(
    order: String
  ) async throws {
    for index in 0..<1300 { try await append(index % 7 == 0 ? "a" : "b.\(index % 3)") }
    for type in ["a", "b.*", "b.1", "*"] {
      var found: [Int] = []
      var next: String?
      repeat {
        var query = ["type": type, "order": order, "paged": "true", "limit": "90"]
        query["after"] = next
        let part = try answer(query)
        let positions = Self.positions(part["events"])
        found = order == "newest" ? positions + found : found + positions
        next = part["next"]?.json
      } while next != nil
      let expected = (0..<1300).filter { index in
        switch type {
        case "a": index % 7 == 0
        case "b.*": index % 7 != 0
        case "b.1": index % 7 != 0 && index % 3 == 1
        default: true
        }
      }
      #expect(found == expected.map { $0 + 1 }, "\(type)")
    }
  }

  @Test func `shows what has led to an event, and all that followed`() async throws {
    try await append("placed", id: "a")
    try await append("paid", id: "b", source: "elsewhere", cause: "a")
    try await append("sent", id: "c", source: "elsewhere", cause: "b")
    try await append("lost", id: "d", cause: "nowhere")
    let show = { (name: String) in
      try #require(try LogQueries(log, clock: clock).answer(["events", name], ["tree": "true"]))
    }
    let middle = try show("b")
    guard case .array(let causes)? = middle["causes"] else { throw CancellationError() }
    #expect(causes.map { $0["type"]?.string } == ["placed"])
    let followed = middle["tree"]?["followed"]
    guard case .array(let after)? = followed else { throw CancellationError() }
    #expect(after.map { $0["type"]?.string } == ["sent"] && after[0]["latency_ms"]?.json == "60000")
    #expect(try show("3")["causes"]?.json.contains(#""type":"paid""#) == true)
    #expect(try show("d")["causes"]?.json == #"[{"id":"nowhere","missing":true}]"#)
    #expect(throws: LogQueries.Refusal.self) { try show("nothing") }
    try await append("placed", id: "a", source: "other")
    #expect(throws: LogQueries.Refusal.self) { try show("a") }
  }
}
