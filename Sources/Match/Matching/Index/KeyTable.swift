// SPDX-License-Identifier: Apache-2.0

/// Lists of numbers by 64-bit keys that are well mixed already; made once, then only read.
///
/// Open addressing with linear probing, half full at most, so that a key that is not there is usually found missing at
/// the first look. That look is at a tag of four bytes, of which many more fit into the processor's cache than of slots;
/// and most keys that are not there are stopped before it by a filter that is smaller still, two bits of one word for
/// each key (Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007).
struct KeyTable: Sendable {
  private struct Slot: Sendable {
    var key: UInt64 = 0
    /// Where the numbers begin, or the number itself if there is only one.
    var start: UInt32 = 0
    var count: UInt32 = 0
  }

  private var slots: [Slot]
  /// Half of each slot's key, never 0; 0 for a free slot.
  private var tags: [UInt32]
  private var filter: [UInt64]
  private var numbers: [UInt32] = []

  init(_ lists: [UInt64: [UInt32]]) {
    var size = 8
    while size < lists.count * 2 { size *= 2 }
    slots = [Slot](repeating: Slot(), count: size)
    tags = [UInt32](repeating: 0, count: size)
    // At least ten bits for each key.
    var words = 1
    while words * 64 < lists.count * 10 { words *= 2 }
    filter = [UInt64](repeating: 0, count: words)
    numbers.reserveCapacity(lists.values.reduce(0) { $0 + $1.count })
    for (key, list) in lists {
      var place = Int(truncatingIfNeeded: key) & (size - 1)
      while slots[place].count != 0 { place = (place + 1) & (size - 1) }
      tags[place] = Self.tag(key)
      filter[Int(truncatingIfNeeded: key >> 16) & (words - 1)] |= Self.bits(key)
      let isAlone = list.count == 1
      slots[place] = Slot(
        key: key,
        start: isAlone ? list[0] : UInt32(numbers.count),
        count: UInt32(list.count)
      )
      if !isAlone { numbers += list }
    }
  }

  @inline(__always)
  private static func tag(_ key: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: key >> 32) | 1 }

  /// The two bits of a key in its word of the filter.
  @inline(__always)
  private static func bits(_ key: UInt64) -> UInt64 { 1 << (key >> 58) | 1 << (key >> 52 & 63) }

  /// Calls `body` with each number of a key.
  @inline(__always)
  func forEach(_ key: UInt64, _ body: (Int) -> Void) {
    let bits = Self.bits(key)
    guard filter[Int(truncatingIfNeeded: key >> 16) & (filter.count - 1)] & bits == bits else { return }
    let mask = tags.count - 1
    let tag = Self.tag(key)
    var place = Int(truncatingIfNeeded: key) & mask
    while tags[place] != 0 {
      if tags[place] == tag, slots[place].key == key {
        let slot = slots[place]
        if slot.count == 1 { return body(Int(slot.start)) }
        for index in Int(slot.start)..<Int(slot.start + slot.count) { body(Int(numbers[index])) }
        return
      }
      place = (place + 1) & mask
    }
  }
}
