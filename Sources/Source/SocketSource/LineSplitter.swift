// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Cuts a stream of bytes into lines; holds what has come of a line that is not finished.
struct LineSplitter {
  private var partial: [UInt8] = []
  private var isSkipping = false
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Takes bytes; calls `line` for every finished line and `tooLong` once for every line beyond the limit.
  mutating func take(
    _ bytes: UnsafeBufferPointer<UInt8>,
    line: (Span<UInt8>) -> Void,
    tooLong: () -> Void
  ) {
    var rest = bytes
    while let start = rest.baseAddress, let newline = memchr(start, 0x0A, rest.count) {
      let length = UnsafeRawPointer(newline) - UnsafeRawPointer(start)
      finish(UnsafeBufferPointer(rest: rest, to: length), line, tooLong)
      rest = UnsafeBufferPointer(rebasing: rest[(length + 1)...])
    }
    keep(rest, tooLong)
  }

  /// Takes the end of the stream, which also ends a line.
  mutating func finish(line: (Span<UInt8>) -> Void) {
    if !isSkipping && !partial.isEmpty { line(partial.span) }
    partial = []
    isSkipping = false
  }

  private mutating func finish(
    _ end: UnsafeBufferPointer<UInt8>,
    _ line: (Span<UInt8>) -> Void,
    _ tooLong: () -> Void
  ) {
    defer { isSkipping = false }
    guard !isSkipping else { return }
    guard partial.count + end.count <= limit else {
      partial = []
      return tooLong()
    }
    if partial.isEmpty { return line(end.span) }
    partial.append(contentsOf: end)
    line(partial.span)
    // Thousands of connections are idle most of the time; none of them keeps a buffer.
    partial = []
  }

  private mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>, _ tooLong: () -> Void) {
    guard !isSkipping, !bytes.isEmpty else { return }
    guard partial.count + bytes.count <= limit else {
      partial = []
      isSkipping = true
      return tooLong()
    }
    partial.append(contentsOf: bytes)
  }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate init(rest: UnsafeBufferPointer<UInt8>, to length: Int) {
    self.init(rebasing: rest[..<length])
  }
}
