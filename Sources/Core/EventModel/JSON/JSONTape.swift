// SPDX-License-Identifier: Apache-2.0

/// The structure of one JSON text as a flat array of nodes that point into the text.
///
/// Scanning appends one node for each value, in the order of the text. A container's node is followed by its
/// children, and says where its subtree ends, so that a subtree is skipped in one step:
///
///     {"a":[1,2],"b":{}}      index 0 object, end 6
///                                   1 string "a"   (a key)
///                                   2 array, end 5
///                                   3 number 1
///                                   4 number 2
///                                   5 string "b"
///                                   6 object, end 7
///
/// A tape keeps its storage when it scans the next text: after warm-up, scanning allocates nothing. It does
/// not own the text, so every query that needs the bytes takes them again.
public struct JSONTape: Sendable {
  /// The kind of a node.
  public enum Kind: UInt8, Sendable {
    /// An object; its children are keys (strings), each followed by its value.
    case object
    /// An array; its children are its elements.
    case array
    /// A string, or the key of a member.
    case string
    /// A number.
    case number
    /// The literal `true`.
    case `true`
    /// The literal `false`.
    case `false`
    /// The literal `null`.
    case null
  }

  /// The place of a node on the tape; 0 is the root.
  public typealias Index = Int

  /// Sixteen bytes, so that four nodes share a cache line.
  @usableFromInline struct Node: Sendable {
    @usableFromInline var start: UInt32
    @usableFromInline var length: UInt32
    @usableFromInline var end: UInt32
    @usableFromInline var kind: Kind
    /// Of a string that it contains a backslash, of a number that it has a fraction or an exponent.
    @usableFromInline var isMarked: Bool

    @inlinable init(start: Int, length: Int, end: Int, kind: Kind, isMarked: Bool) {
      self.start = UInt32(truncatingIfNeeded: start)
      self.length = UInt32(truncatingIfNeeded: length)
      self.end = UInt32(truncatingIfNeeded: end)
      self.kind = kind
      self.isMarked = isMarked
    }
  }

  @usableFromInline var nodes: [Node] = []
  /// Whether any key holds a dot, or an escape that may be one.
  public internal(set) var hasDottedKeys = false
  /// The containers that are open while scanning.
  var open: [UInt32] = []
  var keys = KeyIndex()

  /// Makes an empty tape.
  public init() {}

  /// Makes an empty tape with room for some nodes, so that it need not grow.
  public init(expecting count: Int) {
    nodes.reserveCapacity(count)
    open.reserveCapacity(8)
  }

  /// The number of nodes.
  @inlinable public var count: Int { nodes.count }

  /// The kind of a node.
  @inlinable public func kind(_ index: Index) -> Kind { nodes[index].kind }

  /// The bytes of a node: of a string without its quotes, of everything else as a whole.
  @inlinable public func range(_ index: Index) -> Range<Int> {
    let node = nodes[index]
    return Int(node.start)..<Int(node.start) + Int(node.length)
  }

  /// The bytes of a node as they stand in the text, a string with its quotes.
  @inlinable public func rawRange(_ index: Index) -> Range<Int> {
    let inner = range(index)
    return kind(index) == .string ? inner.lowerBound - 1..<inner.upperBound + 1 : inner
  }

  /// Whether a string contains an escape, so that its bytes are not its value.
  @inlinable public func isEscaped(_ index: Index) -> Bool {
    nodes[index].kind == .string && nodes[index].isMarked
  }

  /// Whether a number is written without fraction and exponent.
  @inlinable public func isInteger(_ index: Index) -> Bool {
    nodes[index].kind == .number && !nodes[index].isMarked
  }

  /// The index after a node's whole subtree: its next sibling, if it has one.
  @inlinable public func end(_ index: Index) -> Index { Int(nodes[index].end) }
}
