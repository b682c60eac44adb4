// SPDX-License-Identifier: Apache-2.0

/// The paths that patterns name, as a tree of bytes, so that an event's other members are left after a byte or two.
///
/// A pure value; a path is known by its number.
struct PathTrie: Sendable {
  private struct Node: Sendable {
    var edges: [(byte: UInt8, node: Int32)] = []
    var path: Int32 = -1
  }

  /// Where a walk begins.
  static let root = 0

  /// How many paths there are.
  private(set) var count = 0
  private var nodes = [Node()]

  /// The number of a path, which is added if it is new.
  mutating func insert(_ path: [UInt8]) -> Int {
    var node = Self.root
    for byte in path {
      if let next = step(from: node, byte) {
        node = next
      } else {
        nodes[node].edges.append((byte, Int32(nodes.count)))
        node = nodes.count
        nodes.append(Node())
      }
    }
    if nodes[node].path < 0 {
      nodes[node].path = Int32(count)
      count += 1
    }
    return Int(nodes[node].path)
  }

  /// The number of a path, if it is one of the tree's.
  func find(_ path: [UInt8]) -> Int? {
    var node = Self.root
    for byte in path {
      guard let next = step(from: node, byte) else { return nil }
      node = next
    }
    return self.path(at: node)
  }

  /// The place one byte further, or nil when no path goes on like that.
  func step(from node: Int, _ byte: UInt8) -> Int? {
    for edge in nodes[node].edges where edge.byte == byte { return Int(edge.node) }
    return nil
  }

  /// The place at the end of `key`, a member of what lies at `node`; keys are joined by dots.
  func walk(from node: Int, key: Span<UInt8>) -> Int? {
    var place = node
    if node != Self.root {
      guard let next = step(from: node, UInt8(ascii: ".")) else { return nil }
      place = next
    }
    for offset in key.indices {
      guard let next = step(from: place, key[unchecked: offset]) else { return nil }
      place = next
    }
    return place
  }

  /// The number of the path that ends at a place, if one does.
  func path(at node: Int) -> Int? { nodes[node].path < 0 ? nil : Int(nodes[node].path) }
}
