// SPDX-License-Identifier: Apache-2.0

/// What is known of one path at one moment.
struct FileFacts: Sendable, Hashable {
  var size: Int64
  /// Nanoseconds since 1970.
  var modified: Int64
  var inode: UInt64
  var isDirectory: Bool
  /// Whether it is a file with one name, which somebody may still be writing.
  var isPlain = false
  var device: UInt64 = 0

  /// Whether the content is still the one that the other facts tell of.
  func isSame(as other: FileFacts) -> Bool {
    guard isDirectory == other.isDirectory else { return false }
    return isDirectory || (size == other.size && modified == other.modified && inode == other.inode)
  }
}

extension FileFacts {
  private static let length = 25

  /// The facts as the checkpoint keeps them: a kind and three numbers, little-endian.
  var encoded: [UInt8] {
    var bytes: [UInt8] = [isDirectory ? 1 : 0]
    bytes.reserveCapacity(Self.length)
    for number in [UInt64(bitPattern: size), UInt64(bitPattern: modified), inode] {
      for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    return bytes
  }

  /// Reads what `encoded` wrote; nil for anything else.
  init?(encoded bytes: [UInt8]) {
    guard bytes.count == Self.length, bytes[0] <= 1 else { return nil }
    func number(_ start: Int) -> UInt64 {
      bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.init(
      size: Int64(bitPattern: number(1)),
      modified: Int64(bitPattern: number(9)),
      inode: number(17),
      isDirectory: bytes[0] == 1
    )
  }
}
