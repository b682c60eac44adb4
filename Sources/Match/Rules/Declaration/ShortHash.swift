// SPDX-License-Identifier: Apache-2.0

import Crypto
import EventModel

/// A short hash of what a definition says, by which another definition is told from it.
enum ShortHash {
  /// The first bytes of SHA-256 over texts, in hexadecimal.
  static func text(_ parts: [String], bytes: Int = 4) -> String {
    var hash = SHA256()
    for part in parts { hash.update(data: Array("\(part.utf8.count):\(part)".utf8)) }
    return hash.finalize().withUnsafeBytes { Hexadecimal.text($0.prefix(bytes)) }
  }
}
