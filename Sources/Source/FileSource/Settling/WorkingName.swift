// SPDX-License-Identifier: Apache-2.0

/// Names that programs give to files on the way to their real names.
///
/// A file with such a name is awaited until it is at rest, since it may be renamed at any moment. The list errs on the
/// safe side: a file that is taken for one of these is only reported a little later.
enum WorkingName {
  private static let endings: Set<String> = [
    "bak", "lock", "new", "old", "orig", "part", "rej", "swo", "swp", "swx", "temp", "tmp",
  ]
  /// Endings that are longer than this are often made up, as by `mktemp`.
  private static let longestEnding = 5

  /// Whether a name looks like one.
  static func isLikely(_ name: [UInt8]) -> Bool {
    guard let first = name.first, let last = name.last else { return true }
    if "._#~$".utf8.contains(first) || "~#".utf8.contains(last) || name.starts(with: "tmp".utf8) {
      return true
    }
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else {
      // `sed` writes sedXXXXXX, other programs `new` or bare numbers; f17 belongs to a series of files.
      return name.count > longestEnding || !name.contains(where: isDigit) || name.allSatisfy(isDigit)
    }
    let ending = name[(dot + 1)...]
    guard (1...longestEnding).contains(ending.count), !ending.allSatisfy(isDigit) else { return true }
    return !ending.allSatisfy(isLetterOrDigit) || endings.contains(String(decoding: ending, as: UTF8.self))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26
  }
}
