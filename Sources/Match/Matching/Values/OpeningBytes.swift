// SPDX-License-Identifier: Apache-2.0

/// A set of bytes with which texts begin: most values are turned down by a look at it.
struct OpeningBytes: Sendable {
  private var words = SIMD4<UInt64>()

  /// Makes an empty set.
  init() {}

  /// The bytes with which an allowed value begins; nil when that says nothing, as when not only texts are allowed.
  init?(_ allowed: [ValuePattern]) {
    for value in allowed {
      let first: UInt8? =
        switch value {
        case .literal(.string(let text)), .text(.prefix(let text)): text.first
        default: nil
        }
      guard let first else { return nil }
      insert(first)
    }
  }

  /// Adds a byte.
  mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

  /// Whether two sets have a byte in common.
  func meets(_ other: OpeningBytes) -> Bool { words & other.words != SIMD4<UInt64>() }
}
