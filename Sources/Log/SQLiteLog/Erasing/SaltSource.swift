// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Makes the salts of events: 16 bytes that nobody can guess, from a seed that is never stored.
struct SaltSource {
  /// A salt's length in bytes.
  static let length = 16

  private let seed: [UInt8]
  private var counter: UInt64 = 0
  /// Two salts are made at once.
  private var digest = SIMD4<UInt64>()
  private var hasSecond = false

  /// Begins with 32 random bytes.
  init(_ random: inout some RandomNumberGenerator) {
    seed = (0..<4).flatMap { _ in withUnsafeBytes(of: random.next() as UInt64) { [UInt8]($0) } }
  }

  /// Calls `body` with the next salt.
  mutating func next<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
    if !hasSecond { refill() }
    let start = hasSecond ? Self.length : 0
    hasSecond.toggle()
    return try withUnsafeBytes(of: digest) { bytes in
      try body(UnsafeRawBufferPointer(rebasing: bytes[start..<start + Self.length]))
    }
  }

  private mutating func refill() {
    var hash = SHA256()
    hash.update(data: seed)
    withUnsafeBytes(of: counter.littleEndian) { hash.update(bufferPointer: $0) }
    counter += 1
    hash.finalize().withUnsafeBytes { bytes in
      withUnsafeMutableBytes(of: &digest) { $0.copyMemory(from: bytes) }
    }
  }
}
