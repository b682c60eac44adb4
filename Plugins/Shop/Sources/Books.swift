// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK

/// What the shop has done: a file for each deed, `charge/<key>.json`, in a folder.
///
/// A deed is noted by giving a complete file its name, which the system does once for each name. So a deed is there as a
/// whole or not at all, and one that is asked for again, by whichever process, is there once.
struct Books {
  private let folder: String

  /// The books that the settings name; nil when they name none.
  init?(_ settings: JSONValue) throws {
    guard let books = settings["books"] else { return nil }
    guard let path = books.string, path.hasPrefix("/") else {
      throw ActionError.fail("'books' must be the absolute path of a folder")
    }
    folder = path
  }

  /// Notes a deed, unless it has been noted under this key.
  func note(_ deed: String, _ entry: JSONValue, under key: String) throws {
    let name = key.utf8.allSatisfy { Self.isPlain($0) } && !key.isEmpty ? key : Self.hexadecimal(key)
    let page = "\(folder)/\(deed)"
    let draft = "\(page)/.\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(atPath: page, withIntermediateDirectories: true)
      try Data((entry.json + "\n").utf8).write(to: URL(filePath: draft))
    } catch {
      throw ActionError.retry("the books cannot be written: \(error.localizedDescription)")
    }
    defer { unlink(draft) }
    guard link(draft, "\(page)/\(name).json") == 0 || errno == EEXIST else {
      throw ActionError.retry("the books cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// A name for a key that could not be the name of a file.
  private static func hexadecimal(_ key: String) -> String {
    key.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
