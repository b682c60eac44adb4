// SPDX-License-Identifier: Apache-2.0

/// A number that stands for something, the same in every process.
///
/// Different things have the same one only by an accident that need not be reckoned with. Not for secrets.
struct Fingerprint: Hashable, Sendable {
  let value: UInt64

  private init(mixed value: UInt64) { self.value = value }

  /// Stands for a number.
  init(_ number: Int64) { self.init(mixed: Self.mix(UInt64(bitPattern: number))) }

  /// Stands for bytes (FNV-1a, mixed).
  init(_ bytes: some Sequence<UInt8>) {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    self.init(mixed: Self.mix(value))
  }

  /// Stands for a text.
  init(_ text: String) { self.init(text.utf8) }

  /// Stands for both in this order.
  func with(_ other: Fingerprint) -> Fingerprint {
    Fingerprint(mixed: Self.mix(value &* 0x9E37_79B9_7F4A_7C15 &+ other.value))
  }

  /// Stands for both in any order.
  func and(_ other: Fingerprint) -> Fingerprint { Fingerprint(mixed: value &+ other.value) }

  /// The last step of SplitMix64.
  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
