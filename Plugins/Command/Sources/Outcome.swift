// SPDX-License-Identifier: Apache-2.0

import ListenerSDK
import Processes

/// What a program did.
struct Outcome {
  let exit: ProcessExit
  let output: CapturedText
  let error: CapturedText

  /// The value that later steps see.
  func json(status: Int32) -> JSONValue {
    [
      "status": .number(String(status)), "stdout": .string(output.text), "stderr": .string(error.text),
      "truncated": .bool(output.isTruncated || error.isTruncated),
    ]
  }

  /// What went wrong, with the end of what the program said about it.
  func account(of name: String) -> String {
    let lines = error.text.split(whereSeparator: \.isNewline).suffix(3)
    let words = String(lines.joined(separator: " / ").suffix(500))
    return "'\(name)' ended with \(exit)" + (words.isEmpty ? "" : ": \(words)")
  }
}

/// The beginning of what a program says.
struct CapturedText: Sendable {
  private let limit: Int
  private var bytes: [UInt8] = []
  /// Whether there was more than is kept.
  private(set) var isTruncated = false

  init(limit: Int) { self.limit = limit }

  mutating func append(_ more: [UInt8]) {
    let room = limit - bytes.count
    bytes += more.prefix(room)
    isTruncated = isTruncated || more.count > room
  }

  /// The text; what is not UTF-8 is replaced, and a character that the limit cut apart is left out.
  var text: String {
    guard isTruncated else { return String(decoding: bytes, as: UTF8.self) }
    let start = bytes.lastIndex { $0 & 0xC0 != 0x80 } ?? bytes.endIndex
    let isWhole = String(validating: bytes[start...], as: UTF8.self) != nil
    return String(decoding: isWhole ? bytes[...] : bytes[..<start], as: UTF8.self)
  }
}
