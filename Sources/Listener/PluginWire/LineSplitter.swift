// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Cuts a stream of bytes into lines, and notices one that is too long before it has been gathered.
public struct LineSplitter: Sendable {
  /// A line is longer than allowed; the rest of the stream is of no use.
  public struct LineTooLong: Error, Hashable {}

  private var rest: [UInt8] = []
  private let limit: Int

  /// Makes a splitter for lines of at most `limit` bytes without their line break.
  public init(limit: Int = PluginWire.maximumLine) { self.limit = limit }

  /// Takes the next bytes and gives each line that they complete, without its line break.
  public mutating func append(
    _ bytes: UnsafeRawBufferPointer,
    line: ([UInt8]) throws -> Void
  ) throws {
    var start = 0
    while let end = Self.lineBreak(in: bytes, from: start) {
      guard rest.count + (end - start) <= limit else { throw LineTooLong() }
      if rest.isEmpty {
        try line(Array(bytes[start..<end]))
      } else {
        rest.append(contentsOf: bytes[start..<end])
        let whole = rest
        rest.removeAll(keepingCapacity: whole.count < 65_536)
        try line(whole)
      }
      start = end + 1
    }
    guard rest.count + (bytes.count - start) <= limit else { throw LineTooLong() }
    rest.append(contentsOf: bytes[start...])
  }

  private static func lineBreak(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count,
      let found = memchr(base + start, 0x0A, bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }
}
