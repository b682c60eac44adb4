// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The leaves of one event at the paths that patterns name.
///
/// A leaf is a scalar; arrays are walked through at any depth and leave no trace in the path. What lies in an
/// object or array inside an array remembers which element that was.
struct EventFields {
  /// The element of an array in which a leaf lies.
  struct Membership: Hashable {
    let array: JSONTape.Index
    let element: Int
  }

  struct Field {
    let value: Literal
    /// From the outermost array inward.
    let memberships: [Membership]
  }

  /// The leaves by path.
  private(set) var fields: [[UInt8]: [Field]] = [:]

  private var path: [UInt8] = []
  private var memberships: [Membership] = []

  /// Collects the leaves of an event at the wanted paths.
  init(_ tape: JSONTape, _ text: [UInt8], paths: Set<[UInt8]>) {
    walk(0, tape, text, paths)
  }

  private mutating func walk(
    _ index: JSONTape.Index,
    _ tape: JSONTape,
    _ text: [UInt8],
    _ paths: Set<[UInt8]>
  ) {
    switch tape.kind(index) {
    case .object:
      var key = index + 1
      while key < tape.end(index) {
        let length = path.count
        if length > 0 { path.append(UInt8(ascii: ".")) }
        tape.appendUnescaped(key, in: text.span, to: &path)
        walk(key + 1, tape, text, paths)
        path.removeSubrange(length...)
        key = tape.end(key + 1)
      }
    case .array: walkArray(index, tape, text, paths)
    default:
      guard paths.contains(path) else { return }
      let field = Field(value: Self.literal(index, tape, text), memberships: memberships)
      fields[path, default: []].append(field)
    }
  }

  private mutating func walkArray(
    _ index: JSONTape.Index,
    _ tape: JSONTape,
    _ text: [UInt8],
    _ paths: Set<[UInt8]>
  ) {
    var element = index + 1
    var number = 0
    while element < tape.end(index) {
      let isContainer = tape.kind(element) == .object || tape.kind(element) == .array
      if isContainer { memberships.append(Membership(array: index, element: number)) }
      walk(element, tape, text, paths)
      if isContainer { memberships.removeLast() }
      number += 1
      element = tape.end(element)
    }
  }

  private static func literal(_ index: JSONTape.Index, _ tape: JSONTape, _ text: [UInt8]) -> Literal {
    switch tape.kind(index) {
    case .true: return .bool(true)
    case .false: return .bool(false)
    case .number: return .number(NumberLiteral(String(decoding: text[tape.rawRange(index)], as: UTF8.self)))
    case .string:
      var bytes: [UInt8] = []
      tape.appendUnescaped(index, in: text.span, to: &bytes)
      return .string(bytes)
    default: return .null
    }
  }
}
