// SPDX-License-Identifier: Apache-2.0

/// The leaves of an event together with the bytes that they are places in.
///
/// Valid only within the call in which it was made. Pointers, since spans cannot be kept beside each other and half of
/// the time of a match would go into counting references.
struct Leaves {
  private let leaves: UnsafeBufferPointer<EventFields.Leaf>
  private let heads: UnsafeBufferPointer<Int32>
  private let pool: UnsafeBufferPointer<EventFields.Membership>
  private let text: UnsafeBufferPointer<UInt8>
  private let unescaped: UnsafeBufferPointer<UInt8>
  /// The paths that have leaves.
  let filled: UnsafeBufferPointer<Int>
  /// Whether any leaf lies inside an element of an array.
  let hasMemberships: Bool

  /// Calls `body` with the leaves that `fields` has collected from `text`.
  static func with<Result>(
    _ fields: borrowing EventFields,
    of text: UnsafeBufferPointer<UInt8>,
    _ body: (Leaves) -> Result
  ) -> Result {
    fields.leaves.withUnsafeBufferPointer { leaves in
      fields.heads.withUnsafeBufferPointer { heads in
        fields.pool.withUnsafeBufferPointer { pool in
          fields.unescaped.withUnsafeBufferPointer { unescaped in
            fields.filled.withUnsafeBufferPointer { filled in
              body(
                Leaves(
                  leaves: leaves,
                  heads: heads,
                  pool: pool,
                  text: text,
                  unescaped: unescaped,
                  filled: filled,
                  hasMemberships: fields.hasMemberships
                )
              )
            }
          }
        }
      }
    }
  }

  /// The place of the first leaf of a path, -1 when there is none.
  @inline(__always)
  func head(of path: Int) -> Int { Int(heads[path]) }

  /// The place of the next leaf at the same path, -1 after the last one.
  @inline(__always)
  func next(_ place: Int) -> Int { Int(leaves[place].next) }

  @inline(__always)
  func leaf(_ place: Int) -> EventFields.Leaf { leaves[place] }

  /// The elements of arrays that a leaf lies in, from the outermost one inward.
  @inline(__always)
  func memberships(of leaf: EventFields.Leaf) -> UnsafeBufferPointer<EventFields.Membership> {
    let first = Int(leaf.firstMembership)
    return UnsafeBufferPointer(rebasing: pool[first..<first + Int(leaf.memberships)])
  }

  @inline(__always)
  func view(_ place: Int) -> LeafView {
    let leaf = leaves[place]
    let range = Int(leaf.start)..<Int(leaf.end)
    return LeafView(
      kind: leaf.kind,
      bytes: UnsafeBufferPointer(rebasing: (leaf.isUnescaped ? unescaped : text)[range])
    )
  }

  /// Whether a condition is met, whatever others there are.
  func meet(_ condition: PatternCondition) -> Bool {
    var place = head(of: condition.path)
    if place < 0 { return condition.allowsAbsence }
    while place >= 0 {
      if condition.allows(view(place)) { return true }
      place = next(place)
    }
    return false
  }
}
