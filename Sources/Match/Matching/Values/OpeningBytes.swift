// SPDX-License-Identifier: Apache-2.0

/// The bytes with which a value must begin to be allowed: most values are turned down by a look at one byte.
struct OpeningBytes: Sendable {
  private var words = SIMD4<UInt64>()

  /// The bytes for a condition; nil when one byte says nothing, as when other values than texts are allowed.
  init?(_ allowed: [ValuePattern]) {
    for value in allowed {
      let first: UInt8? =
        switch value {
        case .literal(.string(let text)), .text(.prefix(let text)): text.first
        default: nil
        }
      guard let first else { return nil }
      words[Int(first >> 6)] |= 1 << UInt64(first & 63)
    }
  }

  /// Whether a value may be allowed.
  func admit(_ value: Literal) -> Bool {
    guard case .string(let text) = value, let first = text.first else { return false }
    return words[Int(first >> 6)] & (1 << UInt64(first & 63)) != 0
  }
}
