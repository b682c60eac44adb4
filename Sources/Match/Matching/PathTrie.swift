// SPDX-License-Identifier: Apache-2.0

/// The paths that patterns name, as a tree of bytes, so that an event's other members are left after a byte or two.
///
/// A pure value; a path is known by its number.
struct PathTrie: Sendable {
  private struct Node: Sendable {
    var edges: [(byte: UInt8, node: Int32)] = []
    var path: Int32 = -1
    /// Whether a key ends here: a path does, or goes on with a dot.
    var isKeyEnd = false
    /// How many different keys lead on from here to paths, of a place at which a key ends.
    var members = 0
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

  /// Counts for each place how many keys lead on from there; once all paths have been added.
  mutating func countMembers() {
    for node in nodes.indices {
      nodes[node].isKeyEnd = nodes[node].path >= 0 || step(from: node, UInt8(ascii: ".")) != nil
    }
    for node in nodes.indices {
      guard let start = node == Self.root ? node : step(from: node, UInt8(ascii: ".")) else { continue }
      // A key may be empty; then an object is never left early.
      nodes[node].members = nodes[start].isKeyEnd ? .max : keys(below: start)
    }
  }

  /// How many different keys, up to the next dot or the end of a path, there are below a node.
  private func keys(below node: Int) -> Int {
    nodes[node].edges.reduce(0) { count, edge in
      edge.byte == UInt8(ascii: ".") ? count : count + keys(at: Int(edge.node))
    }
  }

  private func keys(at node: Int) -> Int { (nodes[node].isKeyEnd ? 1 : 0) + keys(below: node) }

  /// How many different members of an object at a place lead on to paths.
  func members(at node: Int) -> Int { nodes[node].members }

  /// All paths with their numbers.
  var all: [(text: String, number: Int)] {
    var found: [(text: String, number: Int)] = []
    var open: [(node: Int, bytes: [UInt8])] = [(Self.root, [])]
    while let (node, bytes) = open.popLast() {
      if let number = path(at: node) { found.append((String(decoding: bytes, as: UTF8.self), number)) }
      for edge in nodes[node].edges { open.append((Int(edge.node), bytes + [edge.byte])) }
    }
    return found
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
    return nodes[place].isKeyEnd ? place : nil
  }

  /// The number of the path that ends at a place, if one does.
  func path(at node: Int) -> Int? { nodes[node].path < 0 ? nil : Int(nodes[node].path) }
}
