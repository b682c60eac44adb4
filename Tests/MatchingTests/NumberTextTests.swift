// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Matching

@Suite struct NumberTextTests {
  /// Calls `body` with a number as it stands in an event, where something else follows it.
  private func with<Result>(_ text: String, _ body: (NumberText) -> Result) -> Result {
    let bytes = Array((text + "}").utf8)
    return bytes.withUnsafeBufferPointer { body(NumberText(UnsafeBufferPointer(rebasing: $0.dropLast()))) }
  }

  @Test(arguments: [
    ("0", true), ("-0", true), ("1.50", true), ("1e3", true), ("0.1", true), ("-122.48097640920733", true),
    ("9007199254740992", true), ("9007199254740993", false), ("0.1000000000000000055", false),
    ("1e400", false),
    ("123456789012345678", false), ("12345678901234567000", true), ("1e-400", false), ("5e-324", true),
  ])
  func `is exact when the nearest double's shortest decimal is the number`(text: String, isExact: Bool) {
    #expect(with(text) { $0.isExact } == isExact)
    #expect((NumberLiteral(text).value != nil) == isExact)
  }

  @Test func `agrees with the way through texts for any number`() {
    var random = SeededRandom(seed: 11)
    var wrong: [String] = []
    for _ in 0..<5000 {
      let shift = UInt64.random(in: 0..<64, using: &random)
      var text = String(UInt64.random(in: 0...(.max >> shift), using: &random))
      let place = Int.random(in: 0...text.count, using: &random)
      if place < text.count { text = (place == 0 ? "0" : text.prefix(place)) + "." + text.dropFirst(place) }
      if Int.random(in: 0..<4, using: &random) == 0 { text += "e\(Int.random(in: -30...30, using: &random))" }
      if Bool.random(using: &random) { text = "-" + text }
      let literal = NumberLiteral(text)
      let (nearest, bounds, isExact) = with(text) { ($0.nearest, $0.bounds, $0.isExact) }
      let isRight = nearest == Double(text) && bounds.contains(nearest) && isExact == (literal.value != nil)
      if !isRight { wrong.append(text) }
    }
    #expect(wrong.isEmpty)
  }

  @Test func `numbers of any double are exact in its shortest spelling`() {
    var random = SeededRandom(seed: 12)
    var wrong: [Double] = []
    for _ in 0..<5000 {
      let number = Double(bitPattern: UInt64.random(in: 0...(.max), using: &random))
      guard number.isFinite else { continue }
      if !with(number.description, { $0.isExact }) { wrong.append(number) }
    }
    #expect(wrong.isEmpty)
  }
}
