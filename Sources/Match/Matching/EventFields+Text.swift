// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Collecting leaves from the text itself, without a tape: what no pattern names is skipped.
///
/// When it is known that no key of the event holds a dot, each member that patterns name comes once, so that an object
/// is left, and in the end the whole event, as soon as all of them have been seen.
extension EventFields {
  /// Replaces the content by the leaves of another event, a valid JSON object without repeated keys.
  mutating func collect(valid text: Span<UInt8>, hasDottedKeys: Bool, at paths: PathTrie) {
    clear(paths)
    let start = JSONSkip.space(text, 0)
    guard start < text.count, text[start] == UInt8(ascii: "{") else { return }
    _ = walkObject(text, start, PathTrie.root, paths, stopsEarly: !hasDottedKeys, isLast: true)
  }

  /// Walks an object and returns the offset after it.
  ///
  /// With `isLast` nothing after the object is wanted, so its end need not be found.
  private mutating func walkObject(
    _ text: Span<UInt8>,
    _ start: Int,
    _ place: Int,
    _ paths: PathTrie,
    stopsEarly: Bool,
    isLast: Bool
  ) -> Int {
    var offset = JSONSkip.space(text, start + 1)
    var wanted = stopsEarly ? paths.members(at: place) : .max
    while offset < text.count, text[unchecked: offset] == UInt8(ascii: "\"") {
      let key = JSONSkip.string(text, offset + 1)
      let below = Self.place(of: text.extracting(offset + 1..<key.end), key.isEscaped, below: place, paths)
      offset = JSONSkip.space(text, JSONSkip.space(text, key.end + 1) + 1)
      if let below {
        wanted -= 1
        let isLast = isLast && wanted == 0
        offset = walkValue(text, offset, below, paths, stopsEarly: stopsEarly, isLast: isLast)
        if wanted == 0 { return isLast ? text.count : JSONSkip.restOfContainer(text, offset) }
      } else {
        offset = JSONSkip.value(text, offset)
      }
      offset = JSONSkip.space(text, offset)
      guard offset < text.count, text[unchecked: offset] == UInt8(ascii: ",") else { break }
      offset = JSONSkip.space(text, offset + 1)
    }
    return offset + 1
  }

  private mutating func walkValue(
    _ text: Span<UInt8>,
    _ offset: Int,
    _ place: Int,
    _ paths: PathTrie,
    stopsEarly: Bool,
    isLast: Bool
  ) -> Int {
    guard offset < text.count else { return offset }
    switch text[unchecked: offset] {
    case UInt8(ascii: "{"):
      return walkObject(text, offset, place, paths, stopsEarly: stopsEarly, isLast: isLast)
    case UInt8(ascii: "["): return walkArray(text, offset, place, paths, stopsEarly: stopsEarly)
    case UInt8(ascii: "\""):
      let string = JSONSkip.string(text, offset + 1)
      if let path = paths.path(at: place) {
        add(string: offset + 1..<string.end, isEscaped: string.isEscaped, of: text, at: path)
      }
      return string.end + 1
    default:
      let end = JSONSkip.scalar(text, offset)
      if let path = paths.path(at: place) { add(Self.kind(text[offset]), offset..<end, at: path) }
      return end
    }
  }

  /// Walks an array and returns the offset after it; its offset stands for it in memberships.
  private mutating func walkArray(
    _ text: Span<UInt8>,
    _ start: Int,
    _ place: Int,
    _ paths: PathTrie,
    stopsEarly: Bool
  ) -> Int {
    var offset = JSONSkip.space(text, start + 1)
    var number = 0
    while offset < text.count, text[unchecked: offset] != UInt8(ascii: "]") {
      let isContainer =
        text[unchecked: offset] == UInt8(ascii: "{") || text[unchecked: offset] == UInt8(ascii: "[")
      if isContainer { enter(element: number, of: start) }
      // Further elements may follow, so the end of each one has to be found.
      let end = walkValue(text, offset, place, paths, stopsEarly: stopsEarly, isLast: false)
      offset = JSONSkip.space(text, end)
      if isContainer { leave() }
      number += 1
      guard offset < text.count, text[unchecked: offset] == UInt8(ascii: ",") else { break }
      offset = JSONSkip.space(text, offset + 1)
    }
    return offset + 1
  }

  private static func place(
    of key: Span<UInt8>,
    _ isEscaped: Bool,
    below place: Int,
    _ paths: PathTrie
  ) -> Int? {
    isEscaped
      ? paths.walk(from: place, key: JSONText.unescaped(key).span)
      : paths.walk(from: place, key: key)
  }

  private static func kind(_ first: UInt8) -> LeafView.Kind {
    switch first {
    case UInt8(ascii: "t"): .true
    case UInt8(ascii: "f"): .false
    case UInt8(ascii: "n"): .null
    default: .number
    }
  }
}
