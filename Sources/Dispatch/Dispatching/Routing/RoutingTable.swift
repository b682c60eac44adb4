// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Matching
public import Rules

/// Names the rules that an event triggers.
///
/// A pure function of a rule set and an event. Types and sources are compared as the bytes that a batch holds; an
/// event is only scanned when a pattern may decide. A copy keeps scratch storage of its own, so one copy serves one
/// thread at a time; in a steady state it allocates nothing but the values that patterns look at.
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
  /// The entries that name a type in full, by that type.
  private var exact: [[UInt8]: [Int]] = [:]
  /// The entries that mean many types.
  private var open: [Int] = []
  private let matcher: PatternMatcher

  private var tape = JSONTape()
  private var fields = EventFields()
  /// The type of the event before, since types come in runs, and the entries that mean it.
  private var lastType: [UInt8]?
  private var candidates: [Int] = []
  /// The candidates' patterns, -1 for one without.
  private var patterns: [Int] = []
  private var needsFields = false
  private var matched: [Int] = []

  /// Makes the table of a rule set; rules that are not enabled are left out.
  public init(_ rules: RuleSet) {
    self.rules = rules
    var patterns: [EventPattern] = []
    var entries: [Entry] = []
    for (index, rule) in rules.rules.enumerated() where rule.isEnabled {
      for trigger in rule.triggers {
        let entry = Entry(
          rule: index,
          types: trigger.types.map { (Self.content(of: $0.text), $0.isPrefix) },
          sources: trigger.sources.map(Self.content),
          pattern: trigger.pattern.map { _ in patterns.count }
        )
        if let pattern = trigger.pattern { patterns.append(pattern) }
        if entry.types.isEmpty || entry.types.contains(where: \.isPrefix) {
          open.append(entries.count)
        } else {
          for type in Set(entry.types.map(\.text)) { exact[type, default: []].append(entries.count) }
        }
        entries.append(entry)
      }
    }
    self.entries = entries
    matcher = PatternMatcher(patterns)
  }

  /// The indices of the rules that an event of a batch triggers, ascending, each once.
  public mutating func rules(for index: Int, of batch: EventBatch) -> [Int] {
    let event = batch.entries[index]
    let bytes = batch.bytes.span
    chooseCandidates(bytes.extracting(event.type))
    matched.removeAll(keepingCapacity: true)
    if needsFields { look(at: bytes.extracting(event.json)) }
    var next = matcher.firstMatch(in: patterns, from: 0, for: fields)
    while next < candidates.count {
      let place = candidates[next]
      if matched.last != entries[place].rule,
        Self.holds(entries[place].sources, bytes.extracting(event.source))
      {
        matched.append(entries[place].rule)
      }
      next = matcher.firstMatch(in: patterns, from: next + 1, for: fields)
    }
    return matched
  }

  private mutating func chooseCandidates(_ type: Span<UInt8>) {
    if let lastType, type.isEqual(to: lastType) { return }
    let type = type.withUnsafeBufferPointer { [UInt8]($0) }
    candidates = exact[type] ?? []
    for place in open where Self.holds(entries[place].types, type) { candidates.append(place) }
    candidates.sort()
    patterns = candidates.map { entries[$0].pattern ?? -1 }
    needsFields = patterns.contains { $0 >= 0 }
    lastType = type
  }

  private mutating func look(at json: Span<UInt8>) {
    do throws(JSONError) {
      try tape.scan(json, limits: .stored)
    } catch {
      preconditionFailure("a batch holds valid JSON")
    }
    matcher.look(at: tape, json, into: &fields)
  }

  private static func holds(_ types: [(text: [UInt8], isPrefix: Bool)], _ type: [UInt8]) -> Bool {
    types.isEmpty || types.contains { $0.isPrefix ? type.starts(with: $0.text) : type == $0.text }
  }

  private static func holds(_ sources: [[UInt8]], _ source: Span<UInt8>) -> Bool {
    if sources.isEmpty { return true }
    for wanted in sources where source.isEqual(to: wanted) { return true }
    return false
  }

  /// A text as a batch holds attributes.
  private static func content(of text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    JSONWriter.appendContent(text, to: &bytes)
    return bytes
  }
}

extension Span<UInt8> {
  fileprivate func isEqual(to other: [UInt8]) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[unchecked: index] != other[index] { return false }
    return true
  }
}
