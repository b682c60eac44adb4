// SPDX-License-Identifier: Apache-2.0

/// Names and short texts of an expression, one after another, so that looking at one counts no reference.
struct NamePool: Sendable {
  private(set) var bytes: [UInt8] = []
  private(set) var ends: [Int32] = []

  /// Adds a name and returns its number.
  mutating func add(_ name: some Sequence<UInt8>) -> Int {
    bytes.append(contentsOf: name)
    ends.append(Int32(bytes.count))
    return ends.count - 1
  }

  /// The place of a name in `bytes`.
  @inline(__always)
  func range(_ number: Int) -> Range<Int> { (number == 0 ? 0 : Int(ends[number - 1]))..<Int(ends[number]) }

  /// A name as a value.
  func text(_ number: Int) -> Text { Text(bytes, range(number)) }
}
