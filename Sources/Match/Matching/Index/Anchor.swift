// SPDX-License-Identifier: Apache-2.0

/// What an event must show at a path for a value pattern to be worth a closer look.
///
/// An anchor never misses a value that the pattern allows; it may be met by others, since all that it brings up is
/// looked at closely anyway. So texts are known by their hashes alone.
enum Anchor {
  /// One value, or one beginning or end of texts, by a key that is looked up.
  case key(UInt64)
  /// Numbers.
  case range(NumericRange)

  /// The kinds of what is looked up, kept apart in the keys.
  enum Kind: UInt64 {
    case text = 1
    case number, null, `true`, `false`, anything
    /// Followed by the length of a beginning or end.
    case prefix = 0x1_0000_0000
    case suffix = 0x2_0000_0000
  }

  /// The anchor of a value pattern at a path; nil for the absence of a value, which no event shows.
  init?(_ pattern: ValuePattern, at path: Int) {
    switch pattern {
    case .literal(let literal): self = .key(Self.key(of: literal, at: path))
    case .text(.prefix(let text)) where !text.isEmpty:
      self = .key(Self.key(.prefix, text.count, RollingHash.hash(text), at: path))
    case .text(.suffix(let text)) where !text.isEmpty:
      self = .key(Self.key(.suffix, text.count, RollingHash.hash(text.reversed()), at: path))
    case .text(.wildcard(let wildcard)) where !wildcard.head.isEmpty:
      let head = wildcard.head
      self = .key(Self.key(.prefix, head.count, RollingHash.hash(head), at: path))
    case .numeric(let range): self = .range(range)
    case .absent: return nil
    default: self = .key(Self.anything(at: path))
    }
  }

  /// The length of the beginning that the pattern asks for, if it asks for one.
  static func prefixLength(_ pattern: ValuePattern) -> Int? {
    switch pattern {
    case .text(.prefix(let text)) where !text.isEmpty: text.count
    case .text(.wildcard(let wildcard)) where !wildcard.head.isEmpty: wildcard.head.count
    default: nil
    }
  }

  /// The length of the end that the pattern asks for, if it asks for one.
  static func suffixLength(_ pattern: ValuePattern) -> Int? {
    if case .text(.suffix(let text)) = pattern, !text.isEmpty { text.count } else { nil }
  }

  /// The key under which a value is found.
  static func key(of literal: Literal, at path: Int) -> UInt64 {
    switch literal {
    case .null: key(.null, 0, 0, at: path)
    case .bool(let value): key(value ? .true : .false, 0, 0, at: path)
    case .number(let number):
      key(.number, 0, number.value?.bitPattern ?? RollingHash.hash(Array(number.text.utf8)), at: path)
    case .string(let text): key(.text, 0, RollingHash.hash(text), at: path)
    }
  }

  /// The key under which every value is found.
  static func anything(at path: Int) -> UInt64 { key(.anything, 0, 0, at: path) }

  /// Mixes the parts of a key (the finalizer of SplitMix64, Steele, Lea and Flood 2014).
  static func key(_ kind: Kind, _ length: Int, _ hash: UInt64, at path: Int) -> UInt64 {
    var key = hash &+ (UInt64(path) << 40 ^ kind.rawValue &+ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15
    key = (key ^ key >> 30) &* 0xBF58_476D_1CE4_E5B9
    key = (key ^ key >> 27) &* 0x94D0_49BB_1331_11EB
    return key ^ key >> 31
  }
}

/// FNV-1a, whose value after each byte is the hash of the text up to there.
struct RollingHash {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  @inline(__always)
  mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

  static func hash(_ text: [UInt8]) -> UInt64 {
    var hash = RollingHash()
    for byte in text { hash.add(byte) }
    return hash.value
  }
}
