// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Matching

/// The index finds what looking at every pattern finds.
@Suite struct AnchorIndexTests {
  /// Makes patterns and events of few names and values, so that they often meet.
  private struct Maker {
    var random: SeededRandom

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
      elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private mutating func text() -> String {
      (0..<Int.random(in: 0...4, using: &random)).map { _ in pick(["a", "b", "A", "é", "1", "."]) }.joined()
    }

    private mutating func scalar() -> JSONValue {
      switch Int.random(in: 0...6, using: &random) {
      case 0: .null
      case 1: .bool(.random(using: &random))
      case 2, 3:
        .number(
          pick(["0", "1", "-1", "1.0", "1e0", "2.5", "9007199254740993", "300", "0.1", "-122.48097640920733"])
        )
      case 4: .string(pick(["10.0.0.1", "10.0.0.01", "::1", "0:0:0:0:0:0:0:1"]))
      default: .string(text())
      }
    }

    private mutating func condition() -> JSONValue {
      let word = JSONValue.string(text())
      switch Int.random(in: 0...19, using: &random) {
      case 0: return ["prefix": word]
      case 1: return ["suffix": word]
      case 2: return ["anything-but": word]
      case 3: return ["equals-ignore-case": word]
      case 4: return ["exists": .bool(.random(using: &random))]
      case 5: return ["wildcard": .string(text() + "*" + text())]
      case 6: return ["numeric": [">=", 0, "<", .number(pick(["1", "2", "300"]))]]
      case 7: return ["numeric": [.string(pick(["=", ">", "<="])), .number(pick(["0", "1", "2.5"]))]]
      case 8: return ["prefix": ["equals-ignore-case": word]]
      case 9: return ["anything-but": ["prefix": .string("a" + text())]]
      case 10: return ["suffix": ["equals-ignore-case": word]]
      case 11: return ["wildcard": .string("*" + text() + "*")]
      case 12: return ["wildcard": .string(text() + "*" + text() + "*" + text())]
      case 13:
        return ["numeric": [">", .number(pick(["-5", "0"])), "<=", .number(pick(["0.5", "2.5", "1e3"]))]]
      case 14: return .string(pick(["10.0.0.1", "::1", "0:0::1"]))
      case 15: return ["cidr": "10.0.0.0/8"]
      default: return scalar()
      }
    }

    mutating func pattern(depth: Int = 2) -> JSONValue {
      var members: [JSONValue.Member] = []
      for name in ["a", "b", "c"] where Bool.random(using: &random) {
        if depth > 0, Int.random(in: 0...2, using: &random) == 0 {
          members.append(.init(name, pattern(depth: depth - 1)))
        } else {
          let count = Int.random(in: 1...3, using: &random)
          members.append(.init(name, .array((0..<count).map { _ in condition() })))
        }
      }
      if members.isEmpty { members.append(.init("a", .array([condition()]))) }
      if depth == 2, Int.random(in: 0...4, using: &random) == 0 {
        members.append(.init("$or", .array([pattern(depth: 0), pattern(depth: 0)])))
      }
      return .object(members)
    }

    mutating func value(depth: Int) -> JSONValue {
      switch depth > 0 ? Int.random(in: 0...3, using: &random) : 3 {
      case 0: object(depth: depth - 1)
      case 1: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth - 1) })
      default: scalar()
      }
    }

    mutating func object(depth: Int = 3) -> JSONValue {
      var members: [JSONValue.Member] = []
      for name in ["a", "b", "c", "ab", "a.b"] where Int.random(in: 0...2, using: &random) > 0 {
        guard name != "a.b" || Int.random(in: 0...5, using: &random) == 0 else { continue }
        members.append(.init(name, value(depth: depth)))
      }
      members.shuffle(using: &random)
      return .object(members)
    }
  }

  @Test(arguments: 1...20) func `agrees with a look at every pattern`(seed: UInt64) throws {
    var maker = Maker(random: SeededRandom(seed: seed))
    var patterns: [EventPattern] = []
    while patterns.count < 200 {
      // A few of the texts that come up are no wildcards.
      if let pattern = try? EventPattern(maker.pattern()) { patterns.append(pattern) }
    }
    let matcher = PatternMatcher(patterns)
    var scratch = MatchScratch()
    var found = 0
    for _ in 0..<100 {
      let event = try JSONDocument(Array(maker.object().json.utf8))
      matcher.match(event.tape, event.bytes.span, &scratch)
      #expect(scratch.matched == matcher.matchesOneByOne(event.tape, event.bytes), "seed \(seed)")
      let matched = scratch.matched
      matcher.match(valid: event.bytes.span, &scratch)
      #expect(scratch.matched == matched, "seed \(seed), without a tape")
      matcher.match(valid: event.bytes.span, hasDottedKeys: event.tape.hasDottedKeys, &scratch)
      #expect(scratch.matched == matched, "seed \(seed), stopping early")
      found += matched.count
    }
    #expect(found > 100, "the events and patterns hardly meet")
  }

  @Test func `finds the ranges that a number lies in, bounds included`() throws {
    func range(_ lower: Int, _ upper: Int) throws -> NumericRange {
      try NumericRange([">=", .number("\(lower)"), "<=", .number("\(upper)")])
    }
    var random = SeededRandom(seed: 3)
    let ranges = try (0..<200).map { number -> (range: NumericRange, number: Int) in
      let lower = Int.random(in: 0..<90, using: &random)
      return (try range(lower, lower + Int.random(in: 1...20, using: &random)), number)
    }
    let table = RangeTable(ranges)
    for value in 0...110 {
      var found: Set<Int> = []
      table.forEach(Double(value)...Double(value)) { found.insert($0) }
      let wanted = ranges.filter { $0.range.lower <= Double(value) && Double(value) <= $0.range.upper }
      #expect(found == Set(wanted.map(\.number)))
    }
  }

  @Test func `files a pattern under what it shares with the fewest`() throws {
    let patterns = try (0..<1000).map { number in
      try EventPattern(["type": ["order"], "data": ["id": [.number("\(number)")]]])
    }
    let event = try JSONDocument(Array(#"{"type":"order","data":{"id":7}}"#.utf8))
    let matcher = PatternMatcher(patterns)
    var scratch = MatchScratch()
    matcher.match(event.tape, event.bytes.span, &scratch)
    #expect(scratch.matched == [7] && scratch.looks == 1)
  }
}

@Suite struct OutlineTests {
  @Test func `shows under which paths and shapes patterns are filed`() throws {
    let patterns = try [
      ["type": ["a"], "data": ["n": [["numeric": [">", 1]]]]],
      ["type": ["b"]],
      ["data": ["n": [["numeric": ["<", 5]]]]],
      ["data": ["name": [["prefix": "x"], ["suffix": ["equals-ignore-case": "y"]]]]],
      ["data": ["other": [["exists": true]]]],
      ["data": ["none": [["exists": false]]]],
    ].map { try EventPattern($0) }
    #expect(
      PatternMatcher(patterns).outline == """
        6 conjunctions of 6 patterns, 5 paths
        always: 1
        data.n: 2 ranges
        data.name: 1 beginnings, 1 texts in any case
        data.none: only looked at
        data.other: 1 any value
        type: 1 texts
        """
    )
  }
}
