// SPDX-License-Identifier: Apache-2.0

/// The leaves of an event together with the bytes that they are places in.
///
/// Valid only within the call in which it was made. Pointers, since a span cannot be kept beside what it depends on and
/// each look at a leaf would otherwise count references.
struct Leaves {
  let fields: EventFields
  let text: UnsafeBufferPointer<UInt8>
  let unescaped: UnsafeBufferPointer<UInt8>

  @inline(__always)
  func view(_ place: Int) -> LeafView {
    let leaf = fields.leaves[place]
    let range = Int(leaf.start)..<Int(leaf.end)
    return LeafView(
      kind: leaf.kind,
      bytes: UnsafeBufferPointer(rebasing: (leaf.isUnescaped ? unescaped : text)[range])
    )
  }

  /// The place of the next leaf at the same path, -1 after the last one.
  @inline(__always)
  func next(_ place: Int) -> Int { Int(fields.leaves[place].next) }
}
