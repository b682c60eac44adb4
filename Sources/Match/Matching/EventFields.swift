// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The leaves of one event at the paths that patterns name.
///
/// A leaf is a scalar; arrays are walked through at any depth and leave no trace in the path. What lies in an
/// object or array inside an array remembers which element that was. Keeps its storage from event to event.
struct EventFields: Sendable {
  /// The element of an array in which a leaf lies.
  struct Membership: Hashable, Sendable {
    let array: JSONTape.Index
    let element: Int
  }

  struct Leaf: Sendable {
    let value: Literal
    /// From the outermost array inward.
    let memberships: [Membership]
    /// The place of the next leaf at the same path, -1 after the last one.
    fileprivate let next: Int
  }

  private var leaves: [Leaf] = []
  /// The place of the first leaf of each path, -1 for a path without one.
  private var heads: [Int] = []
  private var filled: [Int] = []
  private var memberships: [Membership] = []
  /// Whether any leaf lies inside an element of an array.
  private(set) var hasMemberships = false

  /// The leaves of one path.
  struct AtPath: Sequence, IteratorProtocol {
    fileprivate let leaves: [Leaf]
    fileprivate var place: Int

    var isEmpty: Bool { place < 0 }

    mutating func next() -> Leaf? {
      guard place >= 0 else { return nil }
      defer { place = leaves[place].next }
      return leaves[place]
    }
  }

  /// The leaves of a path by its number.
  func leaves(at path: Int) -> AtPath { AtPath(leaves: leaves, place: heads[path]) }

  /// The paths that have leaves.
  var filledPaths: [Int] { filled }

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
    hasMemberships = false
    while heads.count < paths.count { heads.append(-1) }
  }

  /// Adds a leaf, in the elements of arrays that the walk is in.
  mutating func add(_ value: Literal, at path: Int) {
    if heads[path] < 0 { filled.append(path) }
    if !memberships.isEmpty { hasMemberships = true }
    leaves.append(Leaf(value: value, memberships: memberships, next: heads[path]))
    heads[path] = leaves.count - 1
  }

  /// What is added from now on lies in an element of an array, which is known by its place.
  mutating func enter(element: Int, of array: Int) {
    memberships.append(Membership(array: array, element: element))
  }

  /// The element that was entered last is over.
  mutating func leave() { memberships.removeLast() }

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
      guard let path = paths.path(at: place) else { return }
      add(Self.literal(index, tape, text), at: path)
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

  private static func literal(_ index: JSONTape.Index, _ tape: JSONTape, _ text: Span<UInt8>) -> Literal {
    switch tape.kind(index) {
    case .true: return .bool(true)
    case .false: return .bool(false)
    case .number:
      let digits = text.extracting(tape.range(index)).withUnsafeBufferPointer {
        String(decoding: $0, as: UTF8.self)
      }
      return .number(NumberLiteral(digits))
    case .string: return .string(tape.unescaped(index, in: text))
    default: return .null
    }
  }
}
