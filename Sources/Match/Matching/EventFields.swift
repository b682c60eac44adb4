// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The leaves of one event at the paths that patterns name.
///
/// A leaf is a scalar; arrays are walked through at any depth and leave no trace in the path. What lies in an
/// object or array inside an array remembers which element that was. Leaves are places in the event's text, or in
/// `unescaped` for strings with escapes. Keeps its storage from event to event, so that it allocates nothing once that
/// is large enough.
struct EventFields: Sendable {
  /// The element of an array in which a leaf lies.
  struct Membership: Hashable, Sendable {
    let array: JSONTape.Index
    let element: Int
  }

  struct Leaf: Sendable {
    let kind: LeafView.Kind
    /// Whether the bytes are those of `unescaped`.
    let isUnescaped: Bool
    let start: UInt32
    let end: UInt32
    /// The memberships, from the outermost array inward, as a part of their pool.
    let firstMembership: UInt32
    let memberships: UInt32
    /// The place of the next leaf at the same path, -1 after the last one.
    let next: Int32
  }

  private(set) var leaves: [Leaf] = []
  /// The values of strings with escapes, one after another.
  var unescaped: [UInt8] = []
  /// The place of the first leaf of each path, -1 for a path without one.
  private(set) var heads: [Int32] = []
  /// The paths that have leaves.
  private(set) var filled: [Int] = []
  /// The memberships of leaves; leaves in the same element share theirs.
  private(set) var pool: [Membership] = []
  /// Where the walk is.
  private var memberships: [Membership] = []
  /// The place in the pool of the memberships of where the walk is, -1 before a leaf was added there.
  private var pooled = -1
  /// Whether any leaf lies inside an element of an array.
  private(set) var hasMemberships = false

  /// Replaces the content by the leaves of another event.
  mutating func collect(_ tape: JSONTape, _ text: Span<UInt8>, at paths: PathTrie) {
    clear(paths)
    walk(0, PathTrie.root, tape, text, paths)
  }

  /// Forgets the leaves of the last event.
  mutating func clear(_ paths: PathTrie) {
    for path in filled { heads[path] = -1 }
    filled.removeAll(keepingCapacity: true)
    leaves.removeAll(keepingCapacity: true)
    unescaped.removeAll(keepingCapacity: true)
    pool.removeAll(keepingCapacity: true)
    memberships.removeAll(keepingCapacity: true)
    pooled = -1
    hasMemberships = false
    while heads.count < paths.count { heads.append(-1) }
  }

  /// Adds a leaf, in the elements of arrays that the walk is in.
  mutating func add(_ kind: LeafView.Kind, _ range: Range<Int>, isUnescaped: Bool = false, at path: Int) {
    if heads[path] < 0 { filled.append(path) }
    if !memberships.isEmpty {
      hasMemberships = true
      if pooled < 0 {
        pooled = pool.count
        pool.append(contentsOf: memberships)
      }
    }
    leaves.append(
      Leaf(
        kind: kind,
        isUnescaped: isUnescaped,
        start: UInt32(range.lowerBound),
        end: UInt32(range.upperBound),
        firstMembership: UInt32(max(0, pooled)),
        memberships: UInt32(memberships.count),
        next: heads[path]
      )
    )
    heads[path] = Int32(leaves.count - 1)
  }

  /// Adds a string given by its content, without quotes.
  mutating func add(string content: Range<Int>, isEscaped: Bool, of text: Span<UInt8>, at path: Int) {
    guard isEscaped else { return add(.string, content, at: path) }
    let start = unescaped.count
    JSONText.appendUnescaped(text.extracting(content), to: &unescaped)
    add(.string, start..<unescaped.count, isUnescaped: true, at: path)
  }

  /// What is added from now on lies in an element of an array, which is known by its place.
  mutating func enter(element: Int, of array: Int) {
    memberships.append(Membership(array: array, element: element))
    pooled = -1
  }

  /// The element that was entered last is over.
  mutating func leave() {
    memberships.removeLast()
    pooled = -1
  }

  private mutating func walk(
    _ index: JSONTape.Index,
    _ place: Int,
    _ tape: JSONTape,
    _ text: Span<UInt8>,
    _ paths: PathTrie
  ) {
    switch tape.kind(index) {
    case .object:
      var key = index + 1
      let end = tape.end(index)
      while key < end {
        if let below = Self.place(of: key, below: place, tape, text, paths) {
          walk(key + 1, below, tape, text, paths)
        }
        key = tape.end(key + 1)
      }
    case .array: walkArray(index, place, tape, text, paths)
    default:
      if let path = paths.path(at: place) { addLeaf(index, tape, text, at: path) }
    }
  }

  private static func place(
    of key: JSONTape.Index,
    below place: Int,
    _ tape: JSONTape,
    _ text: Span<UInt8>,
    _ paths: PathTrie
  ) -> Int? {
    guard tape.isEscaped(key) else {
      return paths.walk(from: place, key: text.extracting(tape.range(key)))
    }
    return paths.walk(from: place, key: tape.unescaped(key, in: text).span)
  }

  private mutating func walkArray(
    _ index: JSONTape.Index,
    _ place: Int,
    _ tape: JSONTape,
    _ text: Span<UInt8>,
    _ paths: PathTrie
  ) {
    var element = index + 1
    var number = 0
    while element < tape.end(index) {
      let isContainer = tape.kind(element) == .object || tape.kind(element) == .array
      if isContainer { enter(element: number, of: index) }
      walk(element, place, tape, text, paths)
      if isContainer { leave() }
      number += 1
      element = tape.end(element)
    }
  }

  private mutating func addLeaf(_ index: JSONTape.Index, _ tape: JSONTape, _ text: Span<UInt8>, at path: Int)
  {
    let range = tape.range(index)
    switch tape.kind(index) {
    case .true: add(.true, range, at: path)
    case .false: add(.false, range, at: path)
    case .number: add(.number, range, at: path)
    case .string: add(string: range, isEscaped: tape.isEscaped(index), of: text, at: path)
    default: add(.null, range, at: path)
    }
  }
}
