// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Whole lines of a file, some at a time.
struct LineBatches {
  /// How many bytes are read at once.
  private static let chunk = 1 << 20
  /// How long a line may be.
  private static let longestLine = 6 << 20

  private let input: FileHandle
  private var rest = Data()
  private var isAtEnd = false

  init(_ input: FileHandle) { self.input = input }

  /// The next lines, each with its line break; nil at the end.
  mutating func next() throws -> [UInt8]? {
    while !isAtEnd {
      let read = try input.read(upToCount: Self.chunk) ?? Data()
      isAtEnd = read.isEmpty
      rest += read
      guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
        guard rest.count <= Self.longestLine else {
          throw commandFailure("a line is longer than any event may be", status: 65)
        }
        continue
      }
      defer { rest = Data(rest[(end + 1)...]) }
      return [UInt8](rest[...end])
    }
    guard !rest.isEmpty else { return nil }
    defer { rest = Data() }
    return [UInt8](rest) + [UInt8(ascii: "\n")]
  }
}
