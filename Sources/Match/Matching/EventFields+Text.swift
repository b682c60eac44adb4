// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Collecting leaves from the text itself, without a tape: what no pattern names is skipped.
extension EventFields {
  /// Replaces the content by the leaves of another event, a valid JSON object.
  mutating func collect(valid text: Span<UInt8>, at paths: PathTrie) {
    clear(paths)
    let start = JSONSkip.space(text, 0)
    guard start < text.count, text[start] == UInt8(ascii: "{") else { return }
    _ = walkObject(text, start, PathTrie.root, paths)
  }

  /// Walks an object and returns the offset after it.
  private mutating func walkObject(
    _ text: Span<UInt8>,
    _ start: Int,
    _ place: Int,
    _ paths: PathTrie
  ) -> Int {
    var offset = JSONSkip.space(text, start + 1)
    while offset < text.count, text[offset] == UInt8(ascii: "\"") {
      let key = JSONSkip.string(text, offset + 1)
      let below = Self.place(of: text.extracting(offset + 1..<key.end), key.isEscaped, below: place, paths)
      offset = JSONSkip.space(text, JSONSkip.space(text, key.end + 1) + 1)
      offset = below.map { walkValue(text, offset, $0, paths) } ?? JSONSkip.value(text, offset)
      offset = JSONSkip.space(text, offset)
      guard offset < text.count, text[offset] == UInt8(ascii: ",") else { break }
      offset = JSONSkip.space(text, offset + 1)
    }
    return offset + 1
  }

  private mutating func walkValue(
    _ text: Span<UInt8>,
    _ offset: Int,
    _ place: Int,
    _ paths: PathTrie
  ) -> Int {
    guard offset < text.count else { return offset }
    switch text[offset] {
    case UInt8(ascii: "{"): return walkObject(text, offset, place, paths)
    case UInt8(ascii: "["): return walkArray(text, offset, place, paths)
    default:
      let end = JSONSkip.value(text, offset)
      if let path = paths.path(at: place) { add(Self.literal(text.extracting(offset..<end)), at: path) }
      return end
    }
  }

  /// Walks an array and returns the offset after it; its offset stands for it in memberships.
  private mutating func walkArray(
    _ text: Span<UInt8>,
    _ start: Int,
    _ place: Int,
    _ paths: PathTrie
  ) -> Int {
    var offset = JSONSkip.space(text, start + 1)
    var number = 0
    while offset < text.count, text[offset] != UInt8(ascii: "]") {
      let isContainer = text[offset] == UInt8(ascii: "{") || text[offset] == UInt8(ascii: "[")
      if isContainer { enter(element: number, of: start) }
      offset = JSONSkip.space(text, walkValue(text, offset, place, paths))
      if isContainer { leave() }
      number += 1
      guard offset < text.count, text[offset] == UInt8(ascii: ",") else { break }
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

  private static func literal(_ text: Span<UInt8>) -> Literal {
    switch text[0] {
    case UInt8(ascii: "t"): .bool(true)
    case UInt8(ascii: "f"): .bool(false)
    case UInt8(ascii: "n"): .null
    case UInt8(ascii: "\""): .string(JSONText.unescaped(text.extracting(1..<text.count - 1)))
    default: .number(NumberLiteral(text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }))
    }
  }
}
