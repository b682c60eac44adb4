// SPDX-License-Identifier: Apache-2.0

/// Cuts a program's output into lines and keeps what has come of one that is not finished.
struct OutputLines: Sendable {
  struct Line: Sendable, Hashable {
    let bytes: [UInt8]
    /// Whether the line went on beyond the limit; that part is gone.
    let isTruncated: Bool
  }

  private let limit: Int
  private var partial: [UInt8] = []
  private var isTruncated = false
  private var isBegun = false

  init(limit: Int) { self.limit = limit }

  mutating func take(_ bytes: ArraySlice<UInt8>) -> [Line] {
    var lines: [Line] = []
    var rest = bytes
    while let newline = rest.firstIndex(of: 0x0A) {
      keep(rest[..<newline])
      lines.append(cut())
      rest = rest[(newline + 1)...]
    }
    if !rest.isEmpty { keep(rest) }
    return lines
  }

  /// The last line, if it has no end of its own.
  mutating func finish() -> Line? { isBegun ? cut() : nil }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    isBegun = true
    let room = limit - partial.count
    partial.append(contentsOf: bytes.prefix(room))
    if bytes.count > room { isTruncated = true }
  }

  private mutating func cut() -> Line {
    defer { (partial, isTruncated, isBegun) = ([], false, false) }
    return Line(bytes: partial, isTruncated: isTruncated)
  }
}
