// SPDX-License-Identifier: Apache-2.0

/// A reusable hash table for finding repeated keys in objects too big for comparing every pair.
struct KeyIndex: Sendable {
  /// Up to this many members every pair is compared, which beats hashing.
  static let smallObject = 16

  /// Tape indexes of keys plus one, where 0 is an empty slot; a power of two of them.
  var slots: [UInt32] = []

  mutating func prepare(for count: Int) {
    let size = (2 * count).nextPowerOfTwo
    slots.removeAll(keepingCapacity: true)
    slots.append(contentsOf: repeatElement(0, count: size))
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}

extension JSONTape {
  /// The first key of an object that repeats an earlier one, compared by value, not by spelling.
  mutating func duplicateKey(of object: Index, in text: Span<UInt8>) -> Index? {
    var count = 0
    var key = object + 1
    let end = end(object)
    while key < end {
      count += 1
      key = self.end(key + 1)
    }
    if count <= 1 { return nil }
    return count <= KeyIndex.smallObject
      ? duplicateByPairs(of: object, in: text) : duplicateByHash(of: object, count: count, in: text)
  }

  private func duplicateByPairs(of object: Index, in text: Span<UInt8>) -> Index? {
    let end = end(object)
    var key = self.end(object + 2)
    while key < end {
      var earlier = object + 1
      while earlier < key {
        if keysAreEqual(earlier, key, in: text) { return key }
        earlier = self.end(earlier + 1)
      }
      key = self.end(key + 1)
    }
    return nil
  }

  /// Swift's own hash is seeded anew in each process, so no producer can choose keys that collide.
  private mutating func duplicateByHash(of object: Index, count: Int, in text: Span<UInt8>) -> Index? {
    keys.prepare(for: count)
    let mask = keys.slots.count - 1
    let end = end(object)
    var key = object + 1
    while key < end {
      var slot = hash(key, in: text) & mask
      while keys.slots[slot] != 0 {
        if keysAreEqual(Int(keys.slots[slot]) - 1, key, in: text) { return key }
        slot = (slot + 1) & mask
      }
      keys.slots[slot] = UInt32(key + 1)
      key = self.end(key + 1)
    }
    return nil
  }

  private func hash(_ key: Index, in text: Span<UInt8>) -> Int {
    var hasher = Hasher()
    if isEscaped(key) {
      unescaped(key, in: text).withUnsafeBytes { hasher.combine(bytes: $0) }
    } else {
      text.extracting(range(key)).withUnsafeBytes { hasher.combine(bytes: $0) }
    }
    return hasher.finalize()
  }

  private func keysAreEqual(_ left: Index, _ right: Index, in text: Span<UInt8>) -> Bool {
    if isEscaped(left) || isEscaped(right) { return unescaped(left, in: text) == unescaped(right, in: text) }
    return text.hasEqualBytes(range(left), range(right))
  }
}

extension Span<UInt8> {
  /// Whether two ranges of the span hold the same bytes.
  @inline(__always)
  func hasEqualBytes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    guard left.count == right.count else { return false }
    for offset in 0..<left.count
    where self[unchecked: left.lowerBound + offset] != self[unchecked: right.lowerBound + offset] {
      return false
    }
    return true
  }

  /// Whether a range of the span holds the bytes of `literal`.
  @inline(__always)
  func holds(_ literal: StaticString, at range: Range<Int>) -> Bool {
    guard range.count == literal.utf8CodeUnitCount else { return false }
    for offset in 0..<range.count
    where self[unchecked: range.lowerBound + offset] != literal.utf8Start[offset] {
      return false
    }
    return true
  }
}
