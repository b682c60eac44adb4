// SPDX-License-Identifier: Apache-2.0

/// A change to a file's bytes.
enum FileChange: Sendable {
  case write(offset: Int, bytes: [UInt8])
  case truncate(size: Int)

  /// Makes the change as a whole.
  func apply(to file: inout [UInt8]) {
    switch self {
    case .truncate(let size): Self.resize(&file, to: size)
    case .write(let offset, let bytes): Self.write(bytes[...], at: offset, to: &file)
    }
  }

  /// Makes a file longer, with zeros, or shorter.
  static func resize(_ file: inout [UInt8], to size: Int) {
    if size < file.count {
      file.removeLast(file.count - size)
    } else if size > file.count {
      file.append(contentsOf: [UInt8](repeating: 0, count: size - file.count))
    }
  }

  static func write(_ bytes: ArraySlice<UInt8>, at offset: Int, to file: inout [UInt8]) {
    if offset + bytes.count > file.count { resize(&file, to: offset + bytes.count) }
    bytes.withUnsafeBytes { from in
      file.withUnsafeMutableBytes { to in
        UnsafeMutableRawBufferPointer(rebasing: to[offset..<offset + from.count]).copyMemory(from: from)
      }
    }
  }
}
