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
  static let headerLength = 32
  static let frameHeaderLength = 24

  private let bytes: Data
  private let isBigEndian: Bool
  private let frameLength: Int

  /// Checks the write-ahead log of a database, if there is one, before it is opened, and cuts off a torn transaction.
  ///
  /// Otherwise SQLite would write the next transaction over the beginning of the torn one, and if the power failed in it
  /// too, the ends of both would be left, as if a whole transaction had been damaged.
  static func settle(at path: String) throws(LogFailure) {
    guard let end = try endOfTransactions(of: path) else { return }
    let file = open(path + "-wal", O_WRONLY | O_CLOEXEC)
    defer { close(file) }
    guard file >= 0, ftruncate(file, off_t(end)) == 0, fsync(file) == 0 else {
      throw LogFailure(.io, "cannot cut '\(path)-wal': \(String(cString: strerror(errno)))")
    }
  }

  /// Checks the write-ahead log of a database, if there is one.
  static func check(of path: String) throws(LogFailure) { _ = try endOfTransactions(of: path) }

  /// The place where the last whole transaction ends; nil when nothing follows there.
  private static func endOfTransactions(of path: String) throws(LogFailure) -> Int? {
    guard let bytes = FileManager.default.contents(atPath: path + "-wal"), bytes.count > headerLength else {
      return nil
    }
    guard let log = WriteAheadLog(bytes) else {
      // The header is written anew when the log begins anew, after all that was in it is in the database.
      if CarriedOverFrames(bytes).areAll(in: path) { return nil }
      throw LogFailure(.corrupt, "the header of '\(path)-wal' is damaged, and there are events behind it")
    }
    let extent = log.extent
    guard extent.endsBehind <= 1 else {
      throw LogFailure(
        .corrupt,
        "'\(path)-wal' is damaged at byte \(extent.wrong), and there are events behind it"
      )
    }
    return extent.endsBehind == 0 ? nil : extent.whole
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

  /// How far the log is what was written: where the last whole transaction ends, where the first wrong frame is, and how
  /// many transactions end behind that.
  private var extent: (whole: Int, wrong: Int, endsBehind: Int) {
    var sums = stored(24)
    var offset = Self.headerLength
    var whole = offset
    while offset + frameLength <= bytes.count {
      guard isOfThisLog(offset) else { break }
      sums = sum(sum(sums, offset..<offset + 8), offset + Self.frameHeaderLength..<offset + frameLength)
      guard sums == stored(offset + 16) else { break }
      let isEnd = endsTransaction(offset)
      offset += frameLength
      if isEnd { whole = offset }
    }
    let wrong = offset
    var ends = 0
    while offset + frameLength <= bytes.count {
      if isOfThisLog(offset), endsTransaction(offset) { ends += 1 }
      offset += frameLength
    }
    return (whole, wrong, ends)
  }

  /// Whether a frame ends a transaction: then it names the size of the database.
  private func endsTransaction(_ offset: Int) -> Bool { Self.word(bytes, offset + 4, bigEndian: true) != 0 }

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

  static func word(_ bytes: Data, _ offset: Int, bigEndian: Bool) -> UInt32 {
    let word = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    return bigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
  }
}
