// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Matching
import Testing

/// Event patterns as Amazon EventBridge, event-ruler and quamina match them.
///
/// Three differences are by design. Events with lone surrogates are refused when they arrive, so they are no vectors
/// here. Where Amazon refuses a wildcard as too complex, event-ruler's verdict is expected, since matching it takes
/// linear time. A pattern that event-ruler accepts only through its older compiler is expected to be accepted.
@Suite struct PatternConformance {
  @Test(
    .enabled(if: Vectors.exist(for: "eventruler"), "no vectors: set EARSHOT_CONFORMANCE"),
    arguments: ["eventruler", "eventruler-fuzz", "quamina"]
  )
  func `matches the rules that the reference matches`(suite: String) throws {
    var tally = Tally(suite: suite)
    for file in try Vectors.files(of: suite) {
      for vector in try Vectors.load(suite, file) {
        let expected = vector["expect"]?.elements.compactMap(\.string) ?? []
        let found = Result { try Self.matches(vector) }
        let passed = (try? found.get()) == Set(expected)
        tally.count(vector, passed: passed, "gave \(found), not \(expected)")
      }
    }
    tally.report()
  }

  @Test(
    .enabled(if: Vectors.exist(for: "eventruler-probes"), "no vectors: set EARSHOT_CONFORMANCE"),
    arguments: ["eventbridge", "eventruler-probes"]
  )
  func `gives the verdict of the reference on a single pattern`(suite: String) throws {
    var tally = Tally(suite: suite)
    for file in try Vectors.files(of: suite) {
      for vector in try Vectors.load(suite, file) {
        if vector["event_raw"]?.string?.contains("\\ud83d\"") == true {
          tally.exclude(because: "the event holds half a character, which is refused when it arrives")
          continue
        }
        let verdict = Self.verdict(vector)
        let ruler = vector["event_ruler_2_0_1"]?.string
        let isTooComplex = vector["aws_error"]?.string?.contains("too complex") == true
        let expected = (isTooComplex ? ruler : nil) ?? vector["expect"]?.string ?? "?"
        tally.count(vector, passed: verdict == expected, "gave \(verdict), not \(expected)")
      }
    }
    tally.report()
  }

  @Test(
    .enabled(if: Vectors.exist(for: "eventruler-validity"), "no vectors: set EARSHOT_CONFORMANCE"),
    arguments: ["eventruler-validity", "eventruler-fuzz-invalid"]
  )
  func `accepts the patterns that the reference accepts`(suite: String) throws {
    var tally = Tally(suite: suite)
    for file in try Vectors.files(of: suite) {
      for vector in try Vectors.load(suite, file) {
        let isValid = (try? Self.pattern(vector["rule_raw"], vector["rule"])) != nil
        let expected = vector["valid"]?.bool == true || vector["accepted_by_legacy_fallback"]?.bool == true
        tally.count(vector, passed: isValid == expected, "gave \(isValid)")
      }
    }
    tally.report()
  }

  private static func verdict(_ vector: JSONView) -> String {
    guard let pattern = try? pattern(vector["pattern_raw"], vector["pattern"]) else { return "error" }
    guard let event = try? event(vector), event.root.kind == .object else { return "event-error" }
    return PatternMatcher([pattern]).matches(event.tape, event.bytes).isEmpty ? "no-match" : "match"
  }

  private static func matches(_ vector: JSONView) throws -> Set<String> {
    let rules = vector["rules"]?.elements ?? []
    let patterns = try rules.map { try pattern($0["rule_raw"], $0["rule"]) }
    let event = try event(vector)
    let names = PatternMatcher(patterns).matches(event.tape, event.bytes).map {
      rules[$0]["name"]?.string ?? ""
    }
    return Set(names)
  }

  private static func pattern(_ raw: JSONView?, _ value: JSONView?) throws -> EventPattern {
    let text = raw?.string.map { Array($0.utf8) } ?? Array(value?.text ?? [])
    do {
      return try EventPattern(JSONValue(json: text, limits: .grammar))
    } catch let error as JSONError {
      // Some rules of quamina's tests go on after their end, which its own reader does not look at.
      guard error.code == .trailingData else { throw error }
      return try EventPattern(JSONValue(json: Array(text[..<error.offset]), limits: .grammar))
    }
  }

  private static func event(_ vector: JSONView) throws -> JSONDocument {
    let raw = vector["event_raw"]?.string.map { Array($0.utf8) }
    return try JSONDocument(raw ?? Array(vector["event"]?.text ?? []), limits: .grammar)
  }
}
