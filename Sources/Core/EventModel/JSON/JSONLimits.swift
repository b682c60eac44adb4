// SPDX-License-Identifier: Apache-2.0

/// What a JSON text may not exceed.
public struct JSONLimits: Sendable, Hashable {
  /// The largest accepted text in bytes.
  public var maximumBytes: Int
  /// The deepest accepted nesting of objects and arrays.
  public var maximumDepth: Int
  /// Whether an object may repeat a key; the scanner then keeps every occurrence in order.
  public var allowsDuplicateKeys: Bool

  /// Makes limits.
  public init(maximumBytes: Int, maximumDepth: Int, allowsDuplicateKeys: Bool) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.allowsDuplicateKeys = allowsDuplicateKeys
  }

  /// The limits of an event: 1 MiB, depth 64, no duplicate keys.
  public static let event = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 64, allowsDuplicateKeys: false)

  /// The limits of what the host itself keeps and passes on: an event with all that was stamped on it, an output.
  public static let stored = JSONLimits(maximumBytes: 4 << 20, maximumDepth: 66, allowsDuplicateKeys: false)

  /// The grammar of RFC 8259 alone, with a depth of 512 and texts up to 2 GiB.
  public static let grammar = JSONLimits(
    maximumBytes: Int(Int32.max),
    maximumDepth: 512,
    allowsDuplicateKeys: true
  )
}
