// SPDX-License-Identifier: Apache-2.0

/// A text that stands for all its spellings in upper and lower case.
///
/// Each character may appear as its full lower-case or upper-case mapping, so `ß` may be `SS` as well. There is
/// no normalisation.
struct CaseFolding: Sendable, Hashable {
  /// For each character the byte sequences that may stand for it.
  private let characters: [[[UInt8]]]

  init(_ text: String) {
    characters = text.unicodeScalars.map { scalar in
      let lower = Array(scalar.properties.lowercaseMapping.utf8)
      let upper = Array(scalar.properties.uppercaseMapping.utf8)
      return lower == upper ? [lower] : [lower, upper]
    }
  }

  /// The offsets at which the text may end when it begins where `bytes` does.
  func ends(in bytes: ArraySlice<UInt8>) -> Set<Int> {
    var offsets: Set = [bytes.startIndex]
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

  func isSuffix(of bytes: [UInt8]) -> Bool {
    let longest = characters.reduce(0) { $0 + ($1.map(\.count).max() ?? 0) }
    return (max(0, bytes.count - longest)...bytes.count).contains {
      ends(in: bytes[$0...]).contains(bytes.count)
    }
  }
}
