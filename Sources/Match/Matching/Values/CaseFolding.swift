// SPDX-License-Identifier: Apache-2.0

/// A text that stands for all its spellings in upper and lower case.
///
/// Each character may appear as its full lower-case or upper-case mapping, so `ß` may be `SS` as well. There is
/// no normalisation.
struct CaseFolding: Sendable, Hashable {
  /// For each character the byte sequences that may stand for it.
  private let characters: [[[UInt8]]]
  /// The text in lower case if all of it is ASCII; then each character is one byte in any spelling.
  private let ascii: [UInt8]?
  /// What every spelling begins with, in lower case: as much of the text as is ASCII.
  let asciiHead: [UInt8]
  /// What every spelling ends with, likewise.
  let asciiTail: [UInt8]

  init(_ text: String) {
    characters = text.unicodeScalars.map { scalar in
      let lower = Array(scalar.properties.lowercaseMapping.utf8)
      let upper = Array(scalar.properties.uppercaseMapping.utf8)
      return lower == upper ? [lower] : [lower, upper]
    }
    let scalars = Array(text.unicodeScalars)
    asciiHead = scalars.prefix { $0.isASCII }.map { Self.lowercased(UInt8($0.value)) }
    asciiTail = scalars.reversed().prefix { $0.isASCII }.reversed().map { Self.lowercased(UInt8($0.value)) }
    ascii = asciiHead.count == scalars.count ? asciiHead : nil
  }

  /// Whether all of the text is ASCII.
  var isASCII: Bool { ascii != nil }

  static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

  func isWhole(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if let ascii { return ascii.count == bytes.count && Self.areEqual(ascii, bytes, from: 0) }
    return ends(in: bytes, from: 0).contains(bytes.count)
  }

  func isPrefix(of bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if let ascii { return ascii.count <= bytes.count && Self.areEqual(ascii, bytes, from: 0) }
    return !ends(in: bytes, from: 0).isEmpty
  }

  func isSuffix(of bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if let ascii {
      return ascii.count <= bytes.count && Self.areEqual(ascii, bytes, from: bytes.count - ascii.count)
    }
    let longest = characters.reduce(0) { $0 + ($1.map(\.count).max() ?? 0) }
    return (max(0, bytes.count - longest)...bytes.count).contains {
      ends(in: bytes, from: $0).contains(bytes.count)
    }
  }

  private static func areEqual(_ ascii: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool
  {
    for offset in ascii.indices where lowercased(bytes[start + offset]) != ascii[offset] { return false }
    return true
  }

  /// The offsets at which the text may end when it begins at `start`.
  private func ends(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Set<Int> {
    var offsets: Set = [start]
    for spellings in characters {
      var next: Set<Int> = []
      for offset in offsets {
        for spelling in spellings where bytes[offset...].starts(with: spelling) {
          next.insert(offset + spelling.count)
        }
      }
      if next.isEmpty { return [] }
      offsets = next
    }
    return offsets
  }
}
