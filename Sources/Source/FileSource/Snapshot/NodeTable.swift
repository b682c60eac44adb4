// SPDX-License-Identifier: Apache-2.0

/// An open hash table of node numbers: four bytes for each slot, keys stay with the nodes.
struct NodeTable: Sendable {
  private static let grave = UInt32.max

  private var slots: [UInt32]
  private var used = 0

  /// Makes a table with room for so many nodes and a few more.
  init(capacity: Int = 0) {
    var size = 64
    while size < capacity * 2 { size *= 2 }
    slots = [UInt32](repeating: 0, count: size)
  }

  static func hash(_ parent: UInt32, _ name: some Collection<UInt8>) -> Int {
    var hash = (0xCBF2_9CE4_8422_2325 ^ UInt64(parent)) &* 0x100_0000_01B3
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: (hash ^ hash >> 29) >> 1)
  }

  func find(_ hash: Int, _ isWanted: (UInt32) -> Bool) -> UInt32? {
    var slot = hash & (slots.count - 1)
    while slots[slot] != 0 {
      if slots[slot] != Self.grave, isWanted(slots[slot]) { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  mutating func insert(_ index: UInt32, _ hash: Int) {
    var slot = hash & (slots.count - 1)
    while slots[slot] != 0, slots[slot] != Self.grave { slot = (slot + 1) & (slots.count - 1) }
    if slots[slot] == 0 { used += 1 }
    slots[slot] = index
  }

  mutating func remove(_ index: UInt32, _ hash: Int) {
    var slot = hash & (slots.count - 1)
    while slots[slot] != index {
      precondition(slots[slot] != 0, "a linked node is in the table")
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Self.grave
  }

  /// Whether nodes and graves fill three quarters, so that a larger table is due.
  var isFull: Bool { used * 4 >= slots.count * 3 }

  /// All that is in the table.
  var indexes: some Sequence<UInt32> { slots.lazy.filter { $0 != 0 && $0 != Self.grave } }
}
