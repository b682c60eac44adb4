// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The stored form of a window: a version, then each sighting as the differences to the one before, as
/// `VariableInteger`.
public enum WindowCoding {
  private static let version: UInt8 = 1

  /// The bytes of a window.
  public static func bytes(_ window: [Sighting]) -> [UInt8] {
    var bytes = [version]
    bytes.reserveCapacity(window.count * 8 + 16)
    var last = Sighting(.start, at: Timestamp(microseconds: 0))
    for sighting in window {
      VariableInteger.append(sighting.position.rawValue - last.position.rawValue, to: &bytes)
      VariableInteger.append(sighting.time.microseconds - last.time.microseconds, to: &bytes)
      VariableInteger.append(Int64(sighting.place), to: &bytes)
      last = sighting
    }
    return bytes
  }

  /// The window of bytes; nil when they were not written by `bytes(_:)`.
  public static func window(_ bytes: [UInt8]) -> [Sighting]? {
    bytes.first == version ? bytes.withUnsafeBytes(sightings) : nil
  }

  private static func sightings(_ bytes: UnsafeRawBufferPointer) -> [Sighting]? {
    var window: [Sighting] = []
    var next = 1
    var (position, time) = (Int64(0), Int64(0))
    while next < bytes.count {
      guard let first = VariableInteger.read(bytes, at: &next),
        let second = VariableInteger.read(bytes, at: &next),
        let place = VariableInteger.read(bytes, at: &next), let small = Int(exactly: place)
      else { return nil }
      position &+= first
      time &+= second
      window.append(
        Sighting(LogPosition(rawValue: position), at: Timestamp(microseconds: time), place: small)
      )
    }
    return window
  }
}
