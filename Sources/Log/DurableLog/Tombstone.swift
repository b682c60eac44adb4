// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What stands in the place of an event that was erased.
///
/// It keeps type and source, by which the event was filed. Ids are kept if they are UUIDs, which say nothing of themselves
/// and tie events together; any other id may be made of what is to be forgotten.
public enum Tombstone {
  /// The tombstone of an event; `id` is the one that it gets if its own is not kept.
  public static func batch(of event: JSONView, recorded: Timestamp, id: String) throws -> EventBatch {
    var tombstone = CloudEvent(type: event["type"]?.string ?? "")
    tombstone.source = event["source"]?.string
    tombstone.id = keptID(of: event) ?? id
    tombstone.time = recorded.rfc3339
    for name in ["correlationid", "causationid"] {
      guard let value = event[name]?.string, isUUID(value) else { continue }
      tombstone.extensions.append(.init(name, .string(value)))
    }
    if let hops = event["hops"]?.int { tombstone.extensions.append(.init("hops", .number("\(hops)"))) }
    tombstone.extensions.append(.init("erased", true))
    var intake = EventIntake(defaultSource: "earshot", clock: StoppedClock(instant: recorded))
    var batch = EventBatch()
    try intake.append(tombstone, to: &batch)
    return batch
  }

  /// The id of an event, if its tombstone keeps it.
  public static func keptID(of event: JSONView) -> String? {
    event["id"]?.string.flatMap { isUUID($0) ? $0 : nil }
  }

  /// Whether a text is a UUID in its usual form.
  static func isUUID(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 36 else { return false }
    return bytes.indices.allSatisfy { index in
      [8, 13, 18, 23].contains(index)
        ? bytes[index] == UInt8(ascii: "-") : Character(UnicodeScalar(bytes[index])).isHexDigit
    }
  }
}

/// A clock that stands still at an instant that somebody else has read.
struct StoppedClock: HostClock {
  let instant: Timestamp

  func now() -> Timestamp { instant }

  func sleep(until instant: Timestamp) async throws {
    preconditionFailure("nobody waits by a clock that stands still")
  }
}
