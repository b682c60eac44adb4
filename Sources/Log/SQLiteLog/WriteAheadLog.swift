// SPDX-License-Identifier: Apache-2.0

import DurableLog
import Foundation

/// Looks into SQLite's write-ahead log for what SQLite itself does not tell of.
///
/// SQLite takes the frames up to the first one whose checksum is wrong for the log and drops the rest without a word, since
/// the end of a log may be torn when the power fails. But every transaction is synced before the next one is written. So
/// when two or more transactions end behind such a frame, at least the first of them was whole and on disk, and somebody
/// may have been told so: then the file was damaged afterwards. Damage to the last transaction looks like a torn one.
///
/// The format is that of https://www.sqlite.org/fileformat2.html, section 4.
struct WriteAheadLog {
  private static let headerLength = 32
  private static let frameHeaderLength = 24

  private let bytes: Data
  private let isBigEndian: Bool
  private let frameLength: Int

  /// Checks the write-ahead log of a database, if there is one, before it is opened.
  static func check(of path: String) throws(LogFailure) {
    guard let bytes = FileManager.default.contents(atPath: path + "-wal"), bytes.count > headerLength else {
      return
    }
    guard let log = WriteAheadLog(bytes) else {
      throw LogFailure(.corrupt, "the header of '\(path)-wal' is damaged, and there are events behind it")
    }
    if let offset = log.damage {
      throw LogFailure(.corrupt, "'\(path)-wal' is damaged at byte \(offset), and there are events behind it")
    }
  }

  /// The same for a database that a host may have open; then what is being written cannot be told from damage.
  static func checkUnlessOpen(_ path: String) throws(LogFailure) {
    guard let lock = try? LockFile(path: path + ".lock") else { return }
    defer { withExtendedLifetime(lock) {} }
    try check(of: path)
  }

  /// Reads the header; nil when it is not one while frames follow.
  private init?(_ bytes: Data) {
    self.bytes = bytes
    let magic = Self.word(bytes, 0, bigEndian: true)
    let pageSize = Int(Self.word(bytes, 8, bigEndian: true))
    guard magic & ~1 == 0x377F_0682, pageSize >= 512, pageSize <= 65_536, pageSize & (pageSize - 1) == 0
    else {
      return nil
    }
    isBigEndian = magic & 1 == 1
    frameLength = Self.frameHeaderLength + pageSize
    guard sum((0, 0), 0..<24) == stored(24) else { return nil }
  }

  /// The place of the first frame that is wrong although whole transactions follow; nil when there is none.
  private var damage: Int? {
    var sums = stored(24)
    var offset = Self.headerLength
    while offset + frameLength <= bytes.count {
      guard isOfThisLog(offset) else { break }
      sums = sum(sum(sums, offset..<offset + 8), offset + Self.frameHeaderLength..<offset + frameLength)
      guard sums == stored(offset + 16) else { break }
      offset += frameLength
    }
    let wrong = offset
    var ends = 0
    while offset + frameLength <= bytes.count {
      // A frame that ends a transaction names the size of the database.
      if isOfThisLog(offset), Self.word(bytes, offset + 4, bigEndian: true) != 0 { ends += 1 }
      offset += frameLength
    }
    return ends > 1 ? wrong : nil
  }

  /// Whether a frame has the salts of the header, rather than being left from before the log began anew.
  private func isOfThisLog(_ offset: Int) -> Bool {
    (0..<8).allSatisfy { bytes[bytes.startIndex + offset + 8 + $0] == bytes[bytes.startIndex + 16 + $0] }
  }

  private func stored(_ offset: Int) -> (UInt32, UInt32) {
    (Self.word(bytes, offset, bigEndian: true), Self.word(bytes, offset + 4, bigEndian: true))
  }

  /// Goes on with SQLite's checksum over some bytes, a multiple of eight.
  private func sum(_ start: (UInt32, UInt32), _ range: Range<Int>) -> (UInt32, UInt32) {
    var (first, second) = start
    bytes.withUnsafeBytes { bytes in
      for offset in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
        let one = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        let two = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
        first &+= (isBigEndian ? one.bigEndian : one.littleEndian) &+ second
        second &+= (isBigEndian ? two.bigEndian : two.littleEndian) &+ first
      }
    }
    return (first, second)
  }

  private static func word(_ bytes: Data, _ offset: Int, bigEndian: Bool) -> UInt32 {
    let word = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    return bigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
  }
}
