// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The frames of a write-ahead log whose header is not what was written.
///
/// When all of a write-ahead log is in the database, SQLite begins it anew by writing its header, and the power may fail
/// while it does; then nothing is lost. Damage to the header at any other time shows in that the database lacks something.
struct CarriedOverFrames {
  private let bytes: Data

  init(_ bytes: Data) { self.bytes = bytes }

  /// Whether there is a whole transaction, and the database at `path` holds each page as the last one left it.
  func areAll(in path: String) -> Bool {
    guard let database = FileManager.default.contents(atPath: path), database.count >= 100 else {
      return false
    }
    // The size of a page is in the database's header; 1 stands for 65 536.
    let stored = Int(database[16]) << 8 | Int(database[17])
    let size = stored == 1 ? 65_536 : stored
    guard size >= 512 else { return false }
    let newest = newest(pageSize: size)
    return !newest.isEmpty
      && newest.allSatisfy { page, start in
        let place = (page - 1) * size
        guard page > 0, place + size <= database.count else { return false }
        return database[place..<place + size] == bytes[start..<start + size]
      }
  }

  /// The newest content of each page by its place in the file, up to the end of the last transaction.
  private func newest(pageSize: Int) -> [Int: Int] {
    var newest: [Int: Int] = [:]
    var ofTransaction: [Int: Int] = [:]
    var offset = WriteAheadLog.headerLength
    let salts = bytes.dropFirst(offset + 8).prefix(8)
    while offset + WriteAheadLog.frameHeaderLength + pageSize <= bytes.count,
      bytes[offset + 8..<offset + 16].elementsEqual(salts)
    {
      let start = offset + WriteAheadLog.frameHeaderLength
      ofTransaction[Int(WriteAheadLog.word(bytes, offset, bigEndian: true))] = start
      let pages = Int(WriteAheadLog.word(bytes, offset + 4, bigEndian: true))
      if pages != 0 {
        newest.merge(ofTransaction) { $1 }
        newest = newest.filter { $0.key <= pages }
        ofTransaction = [:]
      }
      offset = start + pageSize
    }
    return newest
  }
}
