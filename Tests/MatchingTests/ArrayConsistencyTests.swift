// SPDX-License-Identifier: Apache-2.0

import EventModel
import Matching
import Testing

/// Arrays so long that trying leaf after leaf would take too long.
@Suite struct ArrayConsistencyTests {
  private func matches(_ pattern: JSONValue, _ event: JSONValue) throws -> Bool {
    let document = try JSONDocument(Array(event.json.utf8), limits: .grammar)
    return !PatternMatcher([try EventPattern(pattern)]).matches(document.tape, document.bytes).isEmpty
  }

  /// An event with 300 elements, of which one may have a `z`, and perhaps no `x`.
  private func event(z place: Int?, hasX: Bool = true) -> JSONValue {
    let elements = (0..<300).map { number -> JSONValue in
      var members: [JSONValue.Member] = [.init("y", 1)]
      if hasX || number != place { members.append(.init("x", 1)) }
      if number == place { members.append(.init("z", 1)) }
      return .object(members)
    }
    return ["a": .array(elements)]
  }

  private let pattern: JSONValue = ["a": ["x": [1], "y": [1], "z": [1]]]

  @Test(arguments: [0, 150, 299]) func `finds the one element in which all conditions are met`(place: Int)
    throws
  {
    #expect(try matches(pattern, event(z: place)))
  }

  @Test func `takes no two elements of one array, however many there are`() throws {
    #expect(try !matches(pattern, event(z: nil)))
    #expect(try !matches(pattern, event(z: 150, hasX: false)))
  }

  @Test func `judges absence by the element that is fixed`() throws {
    let pattern: JSONValue = ["a": ["x": [1], "y": [1], "z": [["exists": false]]]]
    #expect(try matches(pattern, event(z: 150)))
    #expect(try !matches(pattern, ["a": [["x": 1, "y": 1, "z": 1]]]))
  }

  @Test func `looks at arrays of scalars each by itself`() throws {
    let numbers = JSONValue.array((0..<2000).map { .number("\($0)") })
    let event: JSONValue = ["a": numbers, "b": numbers, "c": 1]
    let both: [JSONValue.Member] = [
      .init("a", [["numeric": [">=", 0]]]), .init("b", [["numeric": [">=", 0]]]),
    ]
    #expect(try !matches(.object(both + [.init("c", [2])]), event))
    #expect(try matches(.object(both + [.init("c", [1])]), event))
  }
}
