// SPDX-License-Identifier: Apache-2.0

/// A text that a person wrote, with the name by which that person knows it.
public final class SourceText: Sendable {
  /// The name shown in diagnostics, usually the path as it was given.
  public let name: String
  /// The text.
  public let bytes: [UInt8]
  private let lineStarts: [Int]

  /// Makes a source text; `bytes` should be UTF-8.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
    lineStarts = starts
  }

  /// A line and a column, both counted from 1, the column in Unicode scalars.
  public struct Place: Sendable, Hashable {
    /// The line.
    public let line: Int
    /// The column.
    public let column: Int
  }

  /// The place of a byte; an offset beyond the end is the end.
  public func place(of offset: Int) -> Place {
    let offset = min(max(offset, 0), bytes.count)
    let line = lineIndex(of: offset)
    let before = bytes[lineStarts[line]..<offset]
    return Place(line: line + 1, column: 1 + before.count { $0 & 0xC0 != 0x80 })
  }

  /// The bytes of the line with the given number, without its line break.
  public func line(_ number: Int) -> ArraySlice<UInt8> {
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    if end > start && bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return bytes[start..<end]
  }

  /// The offset of the first byte of the line with the given number.
  public func start(ofLine number: Int) -> Int { lineStarts[number - 1] }

  private func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}
