// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Matching
public import Rules

/// Names the rules that an event triggers.
///
/// A pure function of a rule set and an event: the types and sources of a trigger are conditions beside those of its
/// pattern, and one matcher knows them all. An event is only read when some trigger looks further than its type and
/// source. A copy keeps scratch storage of its own, so one copy serves one thread at a time.
public struct RoutingTable: Sendable {
  /// The rules that are routed to.
  public let rules: RuleSet
  /// The rule of each pattern of the matcher, ascending.
  private let owners: [Int]
  private let matcher: PatternMatcher
  private let needsText: Bool

  private var scratch = MatchScratch()
  private var triggered: [Int] = []

  /// Makes the table of a rule set; rules that are not enabled are left out.
  public init(_ rules: RuleSet) {
    self.rules = rules
    var patterns: [EventPattern] = []
    var owners: [Int] = []
    for (index, rule) in rules.rules.enumerated() where rule.isEnabled {
      for trigger in rule.triggers {
        let outer = EventPattern(
          types: trigger.types.map { ($0.text, $0.isPrefix) },
          sources: trigger.sources
        )
        patterns.append(trigger.pattern.map(outer.and) ?? outer)
        owners.append(index)
      }
    }
    self.owners = owners
    matcher = PatternMatcher(patterns)
    needsText = !matcher.needsOnlyTypeAndSource
  }

  /// How the rules' types, sources and patterns are filed, in words.
  public var outline: String { matcher.outline }

  /// The indices of the rules that an event of a batch triggers, ascending, each once.
  public mutating func rules(for index: Int, of batch: EventBatch) -> [Int] {
    let event = batch.entries[index]
    let type = batch.bytes[event.type]
    let source = batch.bytes[event.source]
    // What is escaped in the batch has to be read before it can be compared.
    if needsText || type.contains(UInt8(ascii: "\\")) || source.contains(UInt8(ascii: "\\")) {
      matcher.match(
        valid: batch.bytes.span.extracting(event.json),
        hasDottedKeys: event.hasDottedKeys,
        &scratch
      )
    } else {
      matcher.match(type: event.type, source: event.source, of: batch.bytes.span, &scratch)
    }
    triggered.removeAll(keepingCapacity: true)
    for pattern in scratch.matched where triggered.last != owners[pattern] {
      triggered.append(owners[pattern])
    }
    return triggered
  }
}
