// SPDX-License-Identifier: Apache-2.0

import Crypto

/// The checksum that ties each event to all before it:
/// SHA-256 over the previous checksum, the position, the time of recording and the canonical JSON.
///
/// A changed, removed, inserted or exchanged event makes its own checksum or the next one wrong.
struct ChainedChecksum: Equatable, Sendable {
  /// The checksum's length in bytes.
  static let length = 32

  /// The 32 bytes.
  private(set) var bytes: [UInt8]

  /// The checksum before the first event: all zero.
  static let start = ChainedChecksum(bytes: [UInt8](repeating: 0, count: length))

  init(bytes: [UInt8]) {
    precondition(bytes.count == Self.length, "a checksum has 32 bytes")
    self.bytes = bytes
  }

  /// Goes on to the next event.
  mutating func advance(position: Int64, recorded: Int64, body: UnsafeRawBufferPointer) {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    withUnsafeBytes(of: (position.littleEndian, recorded.littleEndian)) { hash.update(bufferPointer: $0) }
    hash.update(bufferPointer: body)
    let digest = hash.finalize()
    bytes.withUnsafeMutableBytes { target in digest.withUnsafeBytes { target.copyMemory(from: $0) } }
  }
}
