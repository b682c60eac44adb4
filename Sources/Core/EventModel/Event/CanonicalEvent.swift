// SPDX-License-Identifier: Apache-2.0

/// What can be read off an event in its canonical form without scanning it.
public enum CanonicalEvent {
  /// Where the contents of `id` and `source` lie, as written in JSON, without quotes; nil for any other form.
  ///
  /// They are the first attributes after `specversion`, in this order (see `EventBatch`).
  public static func identity(_ event: [UInt8]) -> (id: Range<Int>, source: Range<Int>)? {
    let text = event.span
    guard let id = content(after: #"{"specversion":"1.0","id":""#, at: 0, text),
      let source = content(after: #"","source":""#, at: id.upperBound, text)
    else { return nil }
    return (id, source)
  }

  /// The content of the string that begins after `opening`, which must stand at `offset`.
  private static func content(
    after opening: StaticString,
    at offset: Int,
    _ text: Span<UInt8>
  ) -> Range<Int>? {
    let start = offset + opening.utf8CodeUnitCount
    guard start <= text.count, text.holds(opening, at: offset..<start) else { return nil }
    var end = start
    while end < text.count {
      switch text[unchecked: end] {
      case UInt8(ascii: "\""): return start..<end
      case UInt8(ascii: "\\"): end += 2
      default: end += 1
      }
    }
    return nil
  }
}
