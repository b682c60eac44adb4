// SPDX-License-Identifier: Apache-2.0

/// The byte offsets of characters, since libyaml counts places in characters.
struct CharacterOffsets: Sendable {
  /// The offset of every 64th character; nil while characters are bytes.
  private let anchors: [Int]?
  private let bytes: [UInt8]
  /// Bytes before the first counted character: those of a byte order mark.
  private let start: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard bytes.contains(where: { $0 >= 0x80 }) else {
      anchors = nil
      return
    }
    var found: [Int] = []
    var count = 0
    for offset in start..<bytes.count where bytes[offset] & 0xC0 != 0x80 {
      if count % 64 == 0 { found.append(offset) }
      count += 1
    }
    anchors = found
  }

  /// The offset of the character with a number.
  func offset(ofCharacter number: Int) -> Int {
    guard let anchors else { return min(number, bytes.count) }
    guard number / 64 < anchors.count else { return bytes.count }
    var offset = anchors[number / 64]
    var rest = number % 64
    while rest > 0, offset < bytes.count {
      offset += 1
      while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
      rest -= 1
    }
    return offset
  }
}
