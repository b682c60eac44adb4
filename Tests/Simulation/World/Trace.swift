// SPDX-License-Identifier: Apache-2.0

/// What has happened in a simulation: the last of it in words, and all of it as a hash.
// Unchecked: a simulation is done by one thread.
final class Trace: @unchecked Sendable {
  private typealias Entry = (what: StaticString, first: Int64, second: Int64)

  private static let length = 40000

  /// Of everything that was noted (FNV-1a, by words).
  private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var count = 0
  private var last: [Entry] = []

  func note(_ what: StaticString, _ first: Int64 = 0, _ second: Int64 = 0) {
    // Only the words' length: it is quick, and what they say shows in what follows.
    for word in [UInt64(what.utf8CodeUnitCount), UInt64(bitPattern: first), UInt64(bitPattern: second)] {
      hash = (hash ^ word) &* 0x0000_0100_0000_01B3
      hash ^= hash >> 29
    }
    if last.count < Self.length {
      last.append((what, first, second))
    } else {
      last[count % Self.length] = (what, first, second)
    }
    count += 1
  }

  /// The last that was noted, a line for each.
  func tail(_ limit: Int) -> String {
    let start = last.count < Self.length ? 0 : count % Self.length
    let ordered = last[start...] + last[..<start]
    return ordered.suffix(limit).map { "  \($0.what) \($0.first) \($0.second)" }.joined(separator: "\n")
  }
}
