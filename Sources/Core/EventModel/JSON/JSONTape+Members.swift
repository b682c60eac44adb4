// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Finding members by the bytes of their names.
///
/// Pointers, since this is half of what evaluating a comparison costs: each key is one load of its node and, if the
/// lengths agree, one comparison.
extension JSONTape {
  /// The value of the member with a name, nil when the object has none; the first one when it repeats.
  ///
  /// `text` must be what was scanned, and `object` the place of an object.
  public func member(
    _ name: UnsafeBufferPointer<UInt8>,
    of object: Index,
    in text: UnsafeBufferPointer<UInt8>
  ) -> Index? {
    nodes.withUnsafeBufferPointer { nodes in
      let end = Int(nodes[object].end)
      var key = object + 1
      while key < end {
        let node = nodes[key]
        if node.isMarked {
          if isEscapedKey(node, name, in: text) { return key + 1 }
        } else if Int(node.length) == name.count, Self.areEqual(node, name, in: text) {
          return key + 1
        }
        key = Int(nodes[key + 1].end)
      }
      return nil
    }
  }

  @inline(__always)
  private static func areEqual(
    _ node: Node,
    _ name: UnsafeBufferPointer<UInt8>,
    in text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard let wanted = name.baseAddress, let start = text.baseAddress else { return name.isEmpty }
    return memcmp(start + Int(node.start), wanted, name.count) == 0
  }

  private func isEscapedKey(
    _ node: Node,
    _ name: UnsafeBufferPointer<UInt8>,
    in text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let content = UnsafeBufferPointer(rebasing: text[Int(node.start)..<Int(node.start + node.length)])
    return JSONText.unescaped(content.span).elementsEqual(name)
  }
}
