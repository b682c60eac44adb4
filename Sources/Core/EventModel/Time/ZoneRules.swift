// SPDX-License-Identifier: Apache-2.0

/// How civil time in one place relates to UTC, as recorded in the time zone database.
///
/// Made from the bytes of a TZif file (RFC 9636), of which the 64-bit data and the footer are used; so this
/// module needs no file system and no other library.
public struct ZoneRules: Sendable, Hashable {
  /// What a local time means.
  public enum Meaning: Sendable, Hashable {
    /// It is one instant, in seconds since the epoch.
    case unique(Int64)
    /// The clocks were set forward over it: the instants that the offsets before and after the gap give.
    case skipped(before: Int64, after: Int64)
    /// The clocks were set back over it: it came twice.
    case repeated(first: Int64, second: Int64)
  }

  private let transitions: [Int64]
  /// The offset after each transition; one longer than `transitions`, the first one holds before all.
  private let offsets: [Int]
  private let footer: ZoneFooter?

  /// Coordinated universal time.
  public static let utc = ZoneRules(transitions: [], offsets: [0], footer: nil)

  private init(transitions: [Int64], offsets: [Int], footer: ZoneFooter?) {
    self.transitions = transitions
    self.offsets = offsets
    self.footer = footer
  }

  /// Reads a TZif file of version 2 or later; nil when the bytes are not one.
  public init?(tzif bytes: [UInt8]) {
    var reader = TZifReader(bytes: bytes)
    guard let first = reader.header(), first.version >= UInt8(ascii: "2") else { return nil }
    reader.skip(first.bodyLength(timeSize: 4))
    guard let counts = reader.header() else { return nil }
    var transitions: [Int64] = []
    var types: [Int] = []
    var typeOffsets: [Int] = []
    for _ in 0..<counts.transitions { transitions.append(reader.integer(8)) }
    for _ in 0..<counts.transitions { types.append(Int(reader.integer(1))) }
    for _ in 0..<counts.types {
      typeOffsets.append(Int(reader.integer(4)))
      reader.skip(2)
    }
    reader.skip(counts.tailLength(timeSize: 8))
    guard !reader.isPastEnd, !typeOffsets.isEmpty, types.allSatisfy(typeOffsets.indices.contains) else {
      return nil
    }
    self.transitions = transitions
    offsets = [typeOffsets[0]] + types.map { typeOffsets[$0] }
    footer = ZoneFooter(reader.footer())
  }

  /// Seconds east of UTC at an instant given in seconds since the epoch.
  public func offset(at instant: Int64) -> Int {
    if let footer, instant >= transitions.last ?? .min { return footer.offset(at: instant) }
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= instant { low = middle + 1 } else { high = middle }
    }
    return offsets[low]
  }

  /// What a local time, given as seconds since 1970-01-01T00:00:00 on the local clock, means.
  public func meaning(ofLocal local: Int64) -> Meaning {
    let before = local - Int64(offset(at: local - 86_400))
    let after = local - Int64(offset(at: local + 86_400))
    let isBefore = before + Int64(offset(at: before)) == local
    let isAfter = after + Int64(offset(at: after)) == local
    if before == after { return .unique(before) }
    if isBefore && isAfter { return .repeated(first: min(before, after), second: max(before, after)) }
    if isBefore { return .unique(before) }
    if isAfter { return .unique(after) }
    return .skipped(before: before, after: after)
  }
}

/// Walks through the bytes of a TZif file; reads zeros past the end and remembers that.
private struct TZifReader {
  struct Counts {
    let version: UInt8
    let utIndicators, standardIndicators, leapSeconds, transitions, types, characters: Int

    func tailLength(timeSize: Int) -> Int {
      characters + leapSeconds * (timeSize + 4) + standardIndicators + utIndicators
    }

    func bodyLength(timeSize: Int) -> Int {
      transitions * (timeSize + 1) + types * 6 + tailLength(timeSize: timeSize)
    }
  }

  let bytes: [UInt8]
  var offset = 0
  var isPastEnd: Bool { offset > bytes.count }

  mutating func skip(_ count: Int) { offset += count }

  mutating func integer(_ size: Int) -> Int64 {
    defer { offset += size }
    guard offset + size <= bytes.count else { return 0 }
    let raw = bytes[offset..<offset + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return size == 4 ? Int64(Int32(truncatingIfNeeded: raw)) : Int64(bitPattern: raw)
  }

  mutating func header() -> Counts? {
    guard offset + 44 <= bytes.count, bytes[offset..<offset + 4].elementsEqual("TZif".utf8) else {
      return nil
    }
    let version = bytes[offset + 4]
    offset += 20
    let counts = (0..<6).map { _ in Int(integer(4)) }
    return Counts(
      version: version,
      utIndicators: counts[0],
      standardIndicators: counts[1],
      leapSeconds: counts[2],
      transitions: counts[3],
      types: counts[4],
      characters: counts[5]
    )
  }

  /// The text between the last two line breaks.
  func footer() -> [UInt8] {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\n") else { return [] }
    return Array(bytes[(offset + 1)...].prefix { $0 != UInt8(ascii: "\n") })
  }
}
