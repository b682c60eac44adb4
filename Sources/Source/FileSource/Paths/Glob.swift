// SPDX-License-Identifier: Apache-2.0

/// One pattern over paths, run as a set of states so that no pattern can take exponential time.
///
/// `*` and `?` do not cross a slash; `**` between slashes stands for any number of folders, at the end for all
/// that lies below.
struct Glob: Sendable, Hashable {
  enum Token: Sendable, Hashable {
    case scalar(UInt32)
    case any
    case star
    /// `**/`: nothing, or whole folders with their slash.
    case folders
    /// `**` at the end.
    case rest
    case set(isNegated: Bool, ranges: [ClosedRange<UInt32>])
  }

  var tokens: [Token]

  func matches(_ path: ArraySlice<UInt8>) -> Bool {
    var states = [Bool](repeating: false, count: tokens.count + 1)
    enter(0, &states)
    var reader = ScalarReader(bytes: path)
    while let scalar = reader.next() {
      var next = [Bool](repeating: false, count: tokens.count + 1)
      var isAlive = false
      for index in tokens.indices where states[index] {
        if step(index, scalar, &next) { isAlive = true }
      }
      guard isAlive else { return false }
      states = next
    }
    return states[tokens.count]
  }

  /// Marks a state and those that are reached from it without input.
  private func enter(_ start: Int, _ states: inout [Bool]) {
    var index = start
    while !states[index] {
      states[index] = true
      guard index < tokens.count else { return }
      switch tokens[index] {
      case .star, .folders, .rest: index += 1
      default: return
      }
    }
  }

  private func step(_ index: Int, _ scalar: UInt32, _ next: inout [Bool]) -> Bool {
    let isSlash = scalar == 0x2F
    switch tokens[index] {
    case .scalar(let expected):
      guard expected == scalar else { return false }
      enter(index + 1, &next)
    case .any:
      guard !isSlash else { return false }
      enter(index + 1, &next)
    case .set(let isNegated, let ranges):
      guard !isSlash, ranges.contains(where: { $0.contains(scalar) }) != isNegated else { return false }
      enter(index + 1, &next)
    case .star:
      guard !isSlash else { return false }
      enter(index, &next)
    case .rest: enter(index, &next)
    case .folders:
      // Inside a folder's name there is no way out; after its slash there is.
      if isSlash { enter(index, &next) } else { next[index] = true }
    }
    return true
  }
}

/// Reads scalars of UTF-8; a byte that is not part of any becomes a value outside of Unicode.
struct ScalarReader {
  let bytes: ArraySlice<UInt8>
  private var offset: Int

  init(bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    offset = bytes.startIndex
  }

  mutating func next() -> UInt32? {
    guard offset < bytes.endIndex else { return nil }
    let lead = bytes[offset]
    guard lead >= 0x80 else {
      offset += 1
      return UInt32(lead)
    }
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    let end = min(offset + length, bytes.endIndex)
    if lead >= 0xC2, let text = String(validating: bytes[offset..<end], as: UTF8.self),
      let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1
    {
      offset = end
      return scalar.value
    }
    offset += 1
    return 0x11_0000 + UInt32(lead)
  }
}
