// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The stored form of a window: a version, then each sighting as the differences to the one before, in variable-length
/// numbers (LEB128; signed ones in zigzag).
public enum WindowCoding {
  private static let version: UInt8 = 1

  /// The bytes of a window.
  public static func bytes(_ window: [Sighting]) -> [UInt8] {
    var bytes = [version]
    bytes.reserveCapacity(window.count * 8 + 16)
    var last = Sighting(.start, at: Timestamp(microseconds: 0))
    for sighting in window {
      append(sighting.position.rawValue - last.position.rawValue, to: &bytes)
      append(sighting.time.microseconds - last.time.microseconds, to: &bytes)
      append(Int64(sighting.place), to: &bytes)
      last = sighting
    }
    return bytes
  }

  /// The window of bytes; nil when they were not written by `bytes(_:)`.
  public static func window(_ bytes: [UInt8]) -> [Sighting]? {
    guard bytes.first == version else { return nil }
    var window: [Sighting] = []
    var rest = bytes[1...]
    var (position, time) = (Int64(0), Int64(0))
    while !rest.isEmpty {
      guard let first = number(&rest), let second = number(&rest), let place = number(&rest),
        let small = Int(exactly: place)
      else { return nil }
      position &+= first
      time &+= second
      window.append(
        Sighting(LogPosition(rawValue: position), at: Timestamp(microseconds: time), place: small)
      )
    }
    return window
  }

  private static func append(_ number: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: number << 1 ^ number >> 63)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func number(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = bytes.popFirst(), shift < 64 {
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
      shift += 7
    }
    return nil
  }
}
