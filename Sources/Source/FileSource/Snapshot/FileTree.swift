// SPDX-License-Identifier: Apache-2.0

/// The known files and folders, in a few flat arrays: about a hundred bytes for each, whatever its depth.
///
/// A node knows its parent and its own name only, so that a folder that is renamed takes along all that is in it
/// at no cost. Children are found through a hash table over parent and name.
struct FileTree: Sendable {
  /// A node; 0 stands for none.
  typealias Index = UInt32

  struct Node: Sendable {
    var size: Int64 = 0
    var modified: Int64 = 0
    var inode: UInt64 = 0
    var parent: Index = 0
    var firstChild: Index = 0
    var next: Index = 0
    var previous: Index = 0
    /// Tells uses of one slot apart.
    var generation: UInt32 = 0
    var watch: Int32 = -1
    var nameStart: UInt32 = 0
    var nameLength: UInt16 = 0
    var isDirectory = false
    /// Whether the node belongs to what has been reported, as opposed to a folder that is only watched.
    var isReported = false
  }

  private(set) var nodes = [Node()]
  private var free: [Index] = []
  private var names: [UInt8] = []
  private var wastedNames = 0
  private var table = NodeTable()

  /// How many nodes there are.
  var count: Int { nodes.count - 1 - free.count }

  subscript(_ index: Index) -> Node { nodes[Int(index)] }

  func name(_ index: Index) -> ArraySlice<UInt8> {
    let node = self[index]
    return names[Int(node.nameStart)..<Int(node.nameStart) + Int(node.nameLength)]
  }

  func facts(_ index: Index) -> FileFacts {
    let node = self[index]
    return FileFacts(
      size: node.size,
      modified: node.modified,
      inode: node.inode,
      isDirectory: node.isDirectory
    )
  }

  func child(_ parent: Index, _ name: some Collection<UInt8>) -> Index? {
    table.find(NodeTable.hash(parent, name)) { index in
      nodes[Int(index)].parent == parent && self.name(index).elementsEqual(name)
    }
  }

  func children(_ parent: Index) -> [Index] {
    var children: [Index] = []
    var index = self[parent].firstChild
    while index != 0 {
      children.append(index)
      index = self[index].next
    }
    return children
  }

  /// A node and all below it, each after its parent.
  func subtree(_ top: Index) -> [Index] {
    var found = [top]
    var position = 0
    while position < found.count {
      found += children(found[position])
      position += 1
    }
    return found
  }

  /// Whether a node is the other one or lies below it.
  func isInside(_ index: Index, _ top: Index) -> Bool {
    var node = index
    while node != 0, node != top { node = self[node].parent }
    return node == top
  }

  /// The node's path below its root, in `relative`, and the root itself.
  func place(_ index: Index) -> (root: Index, relative: [UInt8]) {
    var parts: [Index] = []
    var node = index
    while self[node].parent != 0 {
      parts.append(node)
      node = self[node].parent
    }
    var relative: [UInt8] = []
    for part in parts.reversed() {
      if !relative.isEmpty { relative.append(0x2F) }
      relative += name(part)
    }
    return (node, relative)
  }

  func path(_ index: Index) -> [UInt8] {
    let (root, relative) = place(index)
    return relative.isEmpty ? Array(name(root)) : Self.joined(Array(name(root)), relative)
  }

  func path(_ parent: Index, _ name: some Collection<UInt8>) -> [UInt8] { Self.joined(path(parent), name) }

  private static func joined(_ folder: [UInt8], _ name: some Collection<UInt8>) -> [UInt8] {
    (folder.last == 0x2F ? folder : folder + [0x2F]) + name
  }

  /// Adds a root; its name is its whole path.
  mutating func addRoot(_ path: [UInt8]) -> Index {
    let index = make(path)
    nodes[Int(index)].isDirectory = true
    return index
  }

  mutating func add(_ name: some Collection<UInt8>, to parent: Index, _ facts: FileFacts, isReported: Bool)
    -> Index
  {
    let index = make(name)
    update(index, facts, isReported: isReported)
    link(index, to: parent)
    return index
  }

  mutating func update(_ index: Index, _ facts: FileFacts, isReported: Bool) {
    nodes[Int(index)].size = facts.size
    nodes[Int(index)].modified = facts.modified
    nodes[Int(index)].inode = facts.inode
    nodes[Int(index)].isDirectory = facts.isDirectory
    nodes[Int(index)].isReported = isReported
  }

  mutating func setWatch(_ index: Index, _ watch: Int32) { nodes[Int(index)].watch = watch }

  mutating func setReported(_ index: Index, _ isReported: Bool) { nodes[Int(index)].isReported = isReported }

  mutating func move(_ index: Index, to parent: Index, _ name: [UInt8]) {
    unlink(index)
    wastedNames += Int(self[index].nameLength)
    setName(index, name)
    link(index, to: parent)
    compactNames()
  }

  /// Removes a node that has no children.
  mutating func remove(_ index: Index) {
    precondition(self[index].firstChild == 0, "a node with children stays")
    if self[index].parent != 0 { unlink(index) }
    wastedNames += Int(self[index].nameLength)
    nodes[Int(index)] = Node(generation: self[index].generation &+ 1)
    free.append(index)
    compactNames()
  }

  private mutating func make(_ name: some Collection<UInt8>) -> Index {
    let index: Index
    if let reused = free.popLast() {
      index = reused
    } else {
      index = Index(nodes.count)
      nodes.append(Node())
    }
    setName(index, name)
    return index
  }

  private mutating func setName(_ index: Index, _ name: some Collection<UInt8>) {
    nodes[Int(index)].nameStart = UInt32(names.count)
    nodes[Int(index)].nameLength = UInt16(name.count)
    names.append(contentsOf: name)
  }

  private mutating func link(_ index: Index, to parent: Index) {
    let first = self[parent].firstChild
    nodes[Int(index)].parent = parent
    nodes[Int(index)].previous = 0
    nodes[Int(index)].next = first
    if first != 0 { nodes[Int(first)].previous = index }
    nodes[Int(parent)].firstChild = index
    growTable()
    table.insert(index, NodeTable.hash(parent, name(index)))
  }

  private mutating func growTable() {
    guard table.isFull else { return }
    var grown = NodeTable(capacity: nodes.count)
    for index in table.indexes { grown.insert(index, NodeTable.hash(self[index].parent, name(index))) }
    table = grown
  }

  private mutating func unlink(_ index: Index) {
    let node = self[index]
    table.remove(index, NodeTable.hash(node.parent, name(index)))
    if node.next != 0 { nodes[Int(node.next)].previous = node.previous }
    if node.previous != 0 {
      nodes[Int(node.previous)].next = node.next
    } else {
      nodes[Int(node.parent)].firstChild = node.next
    }
  }

  private mutating func compactNames() {
    guard wastedNames > 4096, wastedNames > names.count / 2 else { return }
    var kept: [UInt8] = []
    kept.reserveCapacity(names.count - wastedNames)
    for index in nodes.indices where nodes[index].nameLength > 0 {
      let start = UInt32(kept.count)
      kept += name(Index(index))
      nodes[index].nameStart = start
    }
    names = kept
    wastedNames = 0
  }
}
