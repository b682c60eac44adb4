// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Cuts a stream of bytes into lines; a pure value.
///
/// Lines that lie whole in what is taken are handed on where they lie; only the rest is kept. A line longer than an
/// event may be is reported once, and skipped to its end.
struct LineBuffer {
  enum Line: ~Escapable {
    case whole(Span<UInt8>)
    case tooLong
  }

  static let limit = JSONLimits.event.maximumBytes

  private var rest: [UInt8] = []
  private var isSkipping = false

  /// Takes bytes and calls `body` for each line that is not blank.
  mutating func take(_ bytes: some Collection<UInt8>, _ body: (borrowing Line) -> Void) {
    // One copy of each byte; the lines are spans of it.
    var taken = rest
    rest.removeAll(keepingCapacity: true)
    taken.append(contentsOf: bytes)
    let start = handOn(taken.span, body)
    guard !isSkipping else { return }
    if taken.count - start > Self.limit {
      isSkipping = true
      body(.tooLong)
    } else {
      rest.append(contentsOf: taken[start...])
    }
  }

  /// Hands whole lines on and says where the rest begins.
  private mutating func handOn(_ all: Span<UInt8>, _ body: (borrowing Line) -> Void) -> Int {
    var start = 0
    var end = 0
    while end < all.count {
      guard all[unchecked: end] == UInt8(ascii: "\n") else {
        end += 1
        continue
      }
      if isSkipping {
        isSkipping = false
      } else if end - start > Self.limit {
        body(.tooLong)
      } else if !Self.isBlank(all, start..<end) {
        body(.whole(all.extracting(start..<end)))
      }
      end += 1
      start = end
    }
    return start
  }

  private static func isBlank(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    for index in range {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): continue
      default: return false
      }
    }
    return true
  }
}
