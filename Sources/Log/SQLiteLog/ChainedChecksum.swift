// SPDX-License-Identifier: Apache-2.0

import Crypto
import DurableLog
import Foundation

/// The checksum that ties each event to all before it:
/// SHA-256 over the previous checksum, the position, the time of recording, the event's salt and the canonical JSON.
///
/// A changed, removed, inserted or exchanged event makes its own checksum or the next one wrong. When an event is erased its
/// checksum stays, which the next one needs, and its salt goes: without it the checksum does not confirm what the event may
/// have said. Events that were recorded by older versions have an empty salt.
struct ChainedChecksum: Equatable, Sendable {
  /// The checksum's length in bytes.
  static let length = 32

  /// The bytes as they stand in memory; no array, since one is made for each event.
  private var words = SIMD4<UInt64>()

  /// The checksum before the first event: all zero.
  static let start = ChainedChecksum()

  private init() {}

  init(bytes: [UInt8]) {
    precondition(bytes.count == Self.length, "a checksum has 32 bytes")
    withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
  }

  /// The checksum of stored bytes; it is a damage when they cannot be one.
  init(stored bytes: Data) throws {
    guard bytes.count == Self.length else { throw LogFailure(.corrupt, "a checksum cannot be read") }
    self.init(bytes: [UInt8](bytes))
  }

  /// The 32 bytes.
  var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

  /// Calls `body` with the 32 bytes.
  func withUnsafeBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
    try Swift.withUnsafeBytes(of: words, body)
  }

  /// Goes on to the next event.
  mutating func advance(
    position: Int64,
    recorded: Int64,
    salt: UnsafeRawBufferPointer,
    body: UnsafeRawBufferPointer
  ) {
    var hash = SHA256()
    withUnsafeBytes { hash.update(bufferPointer: $0) }
    Swift.withUnsafeBytes(of: (position.littleEndian, recorded.littleEndian)) {
      hash.update(bufferPointer: $0)
    }
    hash.update(bufferPointer: salt)
    hash.update(bufferPointer: body)
    hash.finalize().withUnsafeBytes { digest in
      withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: digest) }
    }
  }
}
