// SPDX-License-Identifier: Apache-2.0

/// The newest event's position and checksum, kept apart from the event so that a cut tail is noticed.
struct LogHead {
  let position: Int64
  let checksum: ChainedChecksum

  /// The stored form: the position in eight bytes, little-endian, then the checksum.
  var bytes: [UInt8] { withUnsafeBytes(of: position.littleEndian) { [UInt8]($0) } + checksum.bytes }
}
