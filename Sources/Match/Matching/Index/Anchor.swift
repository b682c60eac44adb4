// SPDX-License-Identifier: Apache-2.0

/// What an event must show at a path for a value pattern to be worth a closer look.
///
/// An anchor never misses a value that the pattern allows; it may be met by others, since all that it brings up is
/// looked at closely anyway. So texts are known by their hashes alone.
enum Anchor {
  /// One value, or one beginning or end of texts, by a key that is looked up.
  case key(UInt64, Shape)
  /// Numbers.
  case range(NumericRange)

  /// What has to be computed of a text to find a key: which parts of it, in which spelling.
  enum Shape: Hashable {
    /// The value as a whole; nothing else is needed.
    case value
    /// The whole text, of a length.
    case text(Int)
    case prefix(Int), suffix(Int)
    /// A beginning and an end that do not overlap.
    case both(prefix: Int, suffix: Int)
    /// A part of that length anywhere.
    case part(Int)
    /// An address, in whatever spelling.
    case address
    /// The whole text, a beginning or an end in lower case, as far as ASCII goes.
    case foldedText, foldedPrefix(Int), foldedSuffix(Int)

    /// What shapes are counted together as.
    enum Family: Hashable {
      case value, text, prefix, suffix, both, part, folded, address, anything, range
    }

    var family: Family {
      switch self {
      case .value: .value
      case .text: .text
      case .prefix: .prefix
      case .suffix: .suffix
      case .both: .both
      case .part: .part
      case .address: .address
      case .foldedText, .foldedPrefix, .foldedSuffix: .folded
      }
    }
  }

  /// The kinds of what is looked up, kept apart in the keys.
  enum Kind: UInt64 {
    case text = 1
    case number, null, `true`, `false`, anything, foldedText, address
    /// Followed by the length of a beginning, end or part.
    case prefix = 0x1_0000_0000
    case suffix = 0x2_0000_0000
    case both = 0x3_0000_0000
    case part = 0x4_0000_0000
    case foldedPrefix = 0x5_0000_0000
    case foldedSuffix = 0x6_0000_0000
  }

  /// The longest part of a wildcard that is looked for anywhere in a text.
  private static let partLimit = 4

  /// The anchor of a value pattern at a path; nil for the absence of a value, which no event shows.
  init?(_ pattern: ValuePattern, at path: Int) {
    switch pattern {
    case .literal(.string(let text)):
      self = .key(Self.key(.text, 0, RollingHash.hash(text), at: path), .text(text.count))
    case .literal(let literal): self = .key(Self.key(of: literal, at: path), .value)
    // A text that is the address in the very spelling of the pattern is that address, too.
    case .address(let address, _):
      self = .key(Self.key(.address, 0, RollingHash.hash(address.bytes), at: path), .address)
    case .text(let text):
      let (kind, length, hash, shape) = Self.parts(of: text)
      self = .key(Self.key(kind, length, hash, at: path), shape)
    case .numeric(let range): self = .range(range)
    case .absent: return nil
    default: self = .key(Self.anything(at: path), .value)
    }
  }

  private static func parts(
    of pattern: TextPattern
  ) -> (kind: Kind, length: Int, hash: UInt64, shape: Shape) {
    switch pattern {
    case .prefix(let text) where !text.isEmpty:
      return (.prefix, text.count, RollingHash.hash(text), .prefix(text.count))
    case .suffix(let text) where !text.isEmpty:
      return (.suffix, text.count, RollingHash.hash(text.reversed()), .suffix(text.count))
    case .prefixIgnoringCase(let folding) where !folding.asciiHead.isEmpty:
      let head = folding.asciiHead
      return (.foldedPrefix, head.count, RollingHash.hash(head), .foldedPrefix(head.count))
    case .suffixIgnoringCase(let folding) where !folding.asciiTail.isEmpty:
      let tail = folding.asciiTail
      return (.foldedSuffix, tail.count, RollingHash.hash(tail.reversed()), .foldedSuffix(tail.count))
    case .ignoringCase(let folding) where folding.isASCII:
      return (.foldedText, 0, RollingHash.hash(folding.asciiHead), .foldedText)
    case .ignoringCase(let folding) where !folding.asciiHead.isEmpty:
      let head = folding.asciiHead
      return (.foldedPrefix, head.count, RollingHash.hash(head), .foldedPrefix(head.count))
    case .wildcard(let wildcard): return parts(of: wildcard)
    default: return (.anything, 0, 0, .value)
    }
  }

  private static func parts(of wildcard: Wildcard) -> (kind: Kind, length: Int, hash: UInt64, shape: Shape) {
    let (head, tail) = (wildcard.head, wildcard.tail)
    let (start, end) = (RollingHash.hash(head), RollingHash.hash(tail.reversed()))
    switch (head.isEmpty, tail.isEmpty) {
    case (false, false):
      return (
        .both, head.count << 16 | tail.count, combined(start, end),
        .both(prefix: head.count, suffix: tail.count)
      )
    case (false, true): return (.prefix, head.count, start, .prefix(head.count))
    case (true, false): return (.suffix, tail.count, end, .suffix(tail.count))
    case (true, true):
      let part = Array(wildcard.longestInnerPart.prefix(partLimit))
      return part.isEmpty
        ? (.anything, 0, 0, .value) : (.part, part.count, RollingHash.hash(part), .part(part.count))
    }
  }

  /// One hash of a beginning and an end.
  static func combined(_ start: UInt64, _ end: UInt64) -> UInt64 { start &* 31 &+ (end << 7 | end >> 57) }

  /// The key under which a value other than a text is found.
  static func key(of literal: Literal, at path: Int) -> UInt64 {
    switch literal {
    case .null: key(.null, 0, 0, at: path)
    case .bool(let value): key(value ? .true : .false, 0, 0, at: path)
    case .number(let number):
      key(.number, 0, number.value.map(bits) ?? RollingHash.hash(Array(number.text.utf8)), at: path)
    case .string(let text): key(.text, 0, RollingHash.hash(text), at: path)
    }
  }

  /// A number's bits, the same for both zeros.
  static func bits(_ number: Double) -> UInt64 { (number == 0 ? 0 : number).bitPattern }

  /// The key under which every value is found.
  static func anything(at path: Int) -> UInt64 { key(.anything, 0, 0, at: path) }

  /// Mixes the parts of a key (the finalizer of SplitMix64, Steele, Lea and Flood 2014).
  @inline(__always)
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

  static func hash(_ text: some Sequence<UInt8>) -> UInt64 {
    var hash = RollingHash()
    for byte in text { hash.add(byte) }
    return hash.value
  }
}
