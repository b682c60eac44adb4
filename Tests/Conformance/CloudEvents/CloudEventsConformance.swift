// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

/// The JSON format of CloudEvents 1.0.
///
/// Where the specification leaves the choice, a payload that is not a string under a content type other than
/// JSON is accepted and kept as it is.
@Suite struct CloudEventsConformance {
  @Test(.enabled(if: Vectors.exist(for: "cloudevents"), "no vectors: set EARSHOT_CONFORMANCE"))
  func `reads and refuses events in the JSON format`() throws {
    var tally = Tally(suite: "cloudevents")
    for vector in try Vectors.load("cloudevents", "json.json") {
      let outcome = Result { try Self.events(of: vector) }
      switch (vector["expect"]?.string, outcome) {
      case ("reject", .success): tally.count(vector, passed: false, "was accepted")
      case ("reject", .failure): tally.count(vector, passed: true)
      case (_, .failure(let error)): tally.count(vector, passed: false, "\(error)")
      case (_, .success(let events)):
        let flaw = try Self.flaw(of: events, in: vector)
        tally.count(vector, passed: flaw == nil, flaw ?? "")
      }
    }
    tally.report()
  }

  private static func events(of vector: JSONView) throws -> [CloudEvent] {
    let body = Array((vector["body"]?.string ?? "").utf8)
    var intake = EventIntake(form: .cloudEvents, defaultSource: "test", clock: SystemClock())
    var batch = EventBatch()
    if vector["media_type"]?.string == "application/cloudevents-batch+json" {
      try intake.appendAll(body.span, to: &batch)
    } else {
      try intake.append(body.span, to: &batch)
    }
    return try (0..<batch.count).map { try CloudEvent(canonical: Array(batch.json($0))) }
  }

  private static func flaw(of events: [CloudEvent], in vector: JSONView) throws -> String? {
    if let expected = vector["events"]?.elements {
      guard expected.count == events.count else { return "\(events.count) events" }
      return try zip(events, expected).lazy.compactMap { try attributeFlaw(of: $0, in: $1) }.first
    }
    guard let event = events.first else { return "no event" }
    return try attributeFlaw(of: event, in: vector["attributes"]) ?? dataFlaw(of: event, in: vector)
  }

  private static func attributeFlaw(of event: CloudEvent, in expected: JSONView?) throws -> String? {
    let found = event.json
    for (name, value) in expected?.members ?? [] {
      guard name != "data", name != "data_base64", value.kind != .null else { continue }
      if found[name]?.json != JSONValue(value).json { return "\(name): \(found[name]?.json ?? "absent")" }
    }
    return nil
  }

  private static func dataFlaw(of event: CloudEvent, in vector: JSONView) throws -> String? {
    if let expected = vector["data_json"] {
      return event.data == .json(JSONValue(expected)) ? nil : "data: \(String(describing: event.data))"
    }
    if let expected = vector["data_text"]?.string {
      return event.data == .json(.string(expected)) ? nil : "data: \(String(describing: event.data))"
    }
    if let expected = vector["data_b64"]?.string {
      return event.data == .base64(expected) ? nil : "data: \(String(describing: event.data))"
    }
    return nil
  }
}
