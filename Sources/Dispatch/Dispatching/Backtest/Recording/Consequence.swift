// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A recorded event that a rule, or the engine, has made.
struct Consequence {
  /// What a recorded event is to a backtest.
  enum Kind {
    /// It came from outside, and happens again.
    case external
    /// A side makes it anew.
    case made
    /// A listener's action has emitted it.
    case reply(RecordedGroup.Reply)
  }

  let id: String
  let source: String
  let type: String
  /// The id of the event that it follows from.
  let cause: String

  /// Reads an event; nil when it follows from none.
  init?(_ json: ArraySlice<UInt8>) {
    guard Self.mayFollow(json), let event = try? JSONDocument(Array(json)).root,
      event["hops"]?.int ?? 0 > 0, let cause = event["causationid"]?.string,
      let id = event["id"]?.string, let source = event["source"]?.string, let type = event["type"]?.string
    else { return nil }
    self.id = id
    self.source = source
    self.type = type
    self.cause = cause
  }

  /// What an event is.
  static func kind(_ json: ArraySlice<UInt8>, _ emitted: EmittedTypes) -> Kind {
    if let notice = ofHost(json) { return isMade(notice["type"]?.string ?? "") ? .made : .external }
    guard let event = Consequence(json) else { return .external }
    let rule = event.source.hasPrefix("rules/") ? String(event.source.dropFirst(6)) : nil
    guard !emitted.has(event.type, of: rule) else { return .made }
    return .reply(RecordedGroup.Reply(rule: rule, cause: Fingerprint(event.cause)))
  }

  /// Whether the engine makes events of a type itself: what it tells of rules, runs and the clock, but not what people say.
  private static func isMade(_ type: String) -> Bool {
    guard type != "earshot.run.answered" else { return false }
    return ["earshot.rule.", "earshot.delivery.", "earshot.run.", "earshot.clock.", "earshot.aggregate."]
      .contains {
        type.hasPrefix($0)
      }
  }

  /// An event of the host itself, of one type if asked so; nil for any other.
  static func ofHost(_ json: ArraySlice<UInt8>, type: String? = nil) -> JSONView? {
    let event = Array(json)
    guard let (_, source) = CanonicalEvent.identity(event), event[source].elementsEqual("earshot".utf8),
      let root = try? JSONDocument(event).root
    else { return nil }
    return type == nil || root["type"]?.string == type ? root : nil
  }

  /// Whether an event has hops, as what follows from another one has; nearly always seen without a scan.
  private static func mayFollow(_ json: ArraySlice<UInt8>) -> Bool {
    let mark = Array(",\"hops\":".utf8)
    guard let first = mark.first else { return false }
    var rest = json
    while let start = rest.firstIndex(of: first) {
      if rest[start...].starts(with: mark) { return true }
      rest = rest[(start + 1)...]
    }
    return false
  }
}
