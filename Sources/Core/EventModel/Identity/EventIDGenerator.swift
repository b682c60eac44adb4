// SPDX-License-Identifier: Apache-2.0

/// Makes event ids: UUIDs of version 7 (RFC 9562, section 5.7), each greater than the one before.
///
/// Within a millisecond, and when the clock stands still or goes back, the random part counts up by a random
/// step (method 2 of section 6.2), so ids of one generator always ascend and index pages fill in order.
public struct EventIDGenerator: Sendable {
  private var random: SeededRandom
  private var milliseconds: UInt64 = 0
  private var high: UInt64 = 0
  private var low: UInt64 = 0

  /// Makes a generator; the seed of `random` fixes the ids.
  public init(random: SeededRandom = SeededRandom()) { self.random = random }

  /// Appends the 36 characters of the next id.
  public mutating func appendNext(at instant: Timestamp, to bytes: inout [UInt8]) {
    advance(to: Self.milliseconds(at: instant))
    let first = milliseconds << 16 | 0x7000 | high
    let second = 0x8000_0000_0000_0000 | low
    Self.appendHex(first, 32..<64, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.appendHex(first, 16..<32, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.appendHex(first, 0..<16, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.appendHex(second, 48..<64, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    Self.appendHex(second, 0..<48, to: &bytes)
  }

  /// The next id as a string.
  public mutating func next(at instant: Timestamp) -> String {
    var bytes: [UInt8] = []
    appendNext(at: instant, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether the characters are an id that some generator may have made as its first one at an instant.
  public static func mayHaveMade(_ id: some Collection<UInt8>, at instant: Timestamp) -> Bool {
    guard id.count == 36 else { return false }
    var made: [UInt8] = []
    appendHex(milliseconds(at: instant), 16..<48, to: &made)
    made.append(UInt8(ascii: "-"))
    appendHex(milliseconds(at: instant), 0..<16, to: &made)
    made.append(contentsOf: [UInt8(ascii: "-"), UInt8(ascii: "7")])
    return id.starts(with: made)
  }

  /// Appends 36 characters in the form of an id that stand for a number, and for the instant at which it is given.
  public static func append(_ number: UInt64, at instant: Timestamp, to bytes: inout [UInt8]) {
    let milliseconds = milliseconds(at: instant)
    appendHex(milliseconds, 16..<48, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendHex(milliseconds, 0..<16, to: &bytes)
    bytes.append(contentsOf: [UInt8(ascii: "-"), UInt8(ascii: "7")])
    appendHex(number, 52..<64, to: &bytes)
    bytes.append(contentsOf: [UInt8(ascii: "-"), UInt8(ascii: "8")])
    appendHex(number, 40..<52, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendHex(number, 0..<40, to: &bytes)
    appendHex(0, 0..<8, to: &bytes)
  }

  private static func milliseconds(at instant: Timestamp) -> UInt64 {
    UInt64(max(0, instant.seconds)) * 1000 + UInt64(instant.nanoseconds) / 1_000_000
  }

  private mutating func advance(to now: UInt64) {
    if now > milliseconds {
      milliseconds = now
      high = random.next() & 0x7FF
      low = random.next() >> 2
      return
    }
    low += random.next() >> 32 + 1
    if low >> 62 != 0 {
      low &= (1 << 62) - 1
      high += 1
    }
    if high >> 12 != 0 {
      high = 0
      milliseconds += 1
    }
  }

  private static func appendHex(_ value: UInt64, _ bits: Range<Int>, to bytes: inout [UInt8]) {
    var shift = bits.upperBound
    while shift > bits.lowerBound {
      shift -= 4
      let digit = UInt8(value >> UInt64(shift) & 0xF)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}
