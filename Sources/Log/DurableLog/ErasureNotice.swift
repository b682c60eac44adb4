// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The event `earshot.log.erased`, which tells which events were erased, and why; never what they said.
///
/// Its `data` is `{"events": 3, "ranges": [[4,5],[9,9]], "reason": "…", "selected_by": "subject", "digest": "…"}`. By the
/// digest a log can prove that the tombstones are those of this erasure. It is never forgotten.
public enum ErasureNotice {
  /// Its type.
  public static let type = "earshot.log.erased"
  /// Its source.
  public static let source = "earshot"

  /// The notice of an erasure, under an id.
  public static func batch(
    _ erased: [LogPosition],
    of erasure: Erasure,
    id: String,
    digest: String?,
    at instant: Timestamp
  ) throws -> EventBatch {
    var members: [JSONValue.Member] = [
      .init("events", .number("\(erased.count)")), .init("ranges", ranges(erased)),
      .init("reason", .string(erasure.reason)), .init("selected_by", .string(erasure.selection)),
    ]
    if let digest { members.append(.init("digest", .string(digest))) }
    var notice = CloudEvent(type: type, data: .object(members))
    notice.id = id
    var intake = EventIntake(defaultSource: source, clock: StoppedClock(instant: instant))
    var batch = EventBatch()
    try intake.append(notice, to: &batch)
    return batch
  }

  /// Positions as pairs of the first and the last one of those that follow one another.
  public static func ranges(_ positions: [LogPosition]) -> JSONValue {
    var ranges: [(first: Int64, last: Int64)] = []
    for position in positions.map(\.rawValue) {
      if let end = ranges.last?.last, end + 1 == position {
        ranges[ranges.count - 1].last = position
      } else {
        ranges.append((position, position))
      }
    }
    return .array(ranges.map { [.number("\($0.first)"), .number("\($0.last)")] })
  }
}
