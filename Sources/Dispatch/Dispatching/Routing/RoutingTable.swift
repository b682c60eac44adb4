// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Matching
public import Rules

/// Names the rules that an event triggers.
///
/// A pure function of a rule set and an event. Types and sources are compared as the bytes that a batch holds; an
/// event is only scanned when a pattern may decide. Safe to use from any thread.
public struct RoutingTable: Sendable {
  /// One trigger, ready to be compared.
  private struct Entry: Sendable {
    let rule: Int
    let types: [(text: [UInt8], isPrefix: Bool)]
    let sources: [[UInt8]]
    /// The index of the trigger's pattern in the matcher.
    let pattern: Int?
  }

  /// The rules that are routed to.
  public let rules: RuleSet
  private let entries: [Entry]
  private let matcher: PatternMatcher

  /// Makes the table of a rule set; rules that are not enabled are left out.
  public init(_ rules: RuleSet) {
    self.rules = rules
    var patterns: [EventPattern] = []
    var entries: [Entry] = []
    for (index, rule) in rules.rules.enumerated() where rule.isEnabled {
      for trigger in rule.triggers {
        var pattern: Int?
        if let wanted = trigger.pattern {
          pattern = patterns.count
          patterns.append(wanted)
        }
        entries.append(
          Entry(
            rule: index,
            types: trigger.types.map { (Self.content(of: $0.text), $0.isPrefix) },
            sources: trigger.sources.map(Self.content),
            pattern: pattern
          )
        )
      }
    }
    self.entries = entries
    matcher = PatternMatcher(patterns)
  }

  /// The indices of the rules that an event of a batch triggers, ascending, each once.
  public func rules(for index: Int, of batch: EventBatch) -> [Int] {
    let event = batch.entries[index]
    var matched: [Int] = []
    var patterns: Set<Int>?
    for entry in entries where matched.last != entry.rule {
      guard Self.holds(entry.types, batch.bytes[event.type]),
        entry.sources.isEmpty || entry.sources.contains(where: batch.bytes[event.source].elementsEqual)
      else { continue }
      if let pattern = entry.pattern {
        let found = patterns ?? matches(Array(batch.json(index)))
        patterns = found
        guard found.contains(pattern) else { continue }
      }
      matched.append(entry.rule)
    }
    return matched
  }

  private func matches(_ json: [UInt8]) -> Set<Int> {
    var tape = JSONTape()
    do throws(JSONError) {
      try tape.scan(json.span, limits: .stored)
    } catch {
      preconditionFailure("a batch holds valid JSON")
    }
    return Set(matcher.matches(tape, json))
  }

  private static func holds(_ types: [(text: [UInt8], isPrefix: Bool)], _ type: ArraySlice<UInt8>) -> Bool {
    types.isEmpty || types.contains { $0.isPrefix ? type.starts(with: $0.text) : type.elementsEqual($0.text) }
  }

  /// A text as a batch holds attributes.
  private static func content(of text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    JSONWriter.appendContent(text, to: &bytes)
    return bytes
  }
}
