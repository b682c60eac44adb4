// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Matching

@Suite struct PatternLimitTests {
  /// A pattern with an `$or` of two at each of some depths, which multiply.
  private func pattern(depth: Int) -> JSONValue {
    let leaf: JSONValue = depth == 1 ? ["x": [1]] : pattern(depth: depth - 1)
    let name = "d\(depth)"
    let choices: [JSONValue] = [.object([.init(name, [1])]), .object([.init(name, [2])])]
    return .object([.init("$or", .array(choices)), .init("n\(depth)", leaf)])
  }

  @Test func `refuses a pattern whose choices multiply beyond the limit, with the estimate`() throws {
    _ = try EventPattern(pattern(depth: 9))
    let error = #expect(throws: PatternError.self) { try EventPattern(pattern(depth: 11)) }
    #expect(
      error?.message == "the choices of $or make at least 1024 combinations, and 1000 are allowed"
    )
  }

  @Test func `matches a wildcard that would send others back and forth in linear time`() throws {
    let stars = String(repeating: "a*", count: 200) + "b"
    let matcher = PatternMatcher([try EventPattern(["x": [["wildcard": .string(stars)]]])])
    let text = String(repeating: "a", count: 100_000)
    let event = try JSONDocument(Array(#"{"x":"\#(text)"}"#.utf8), limits: .grammar)
    #expect(matcher.matches(event.tape, event.bytes).isEmpty)
  }
}
