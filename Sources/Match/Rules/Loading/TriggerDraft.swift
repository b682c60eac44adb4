// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import Matching
import Timing

/// The part of a trigger that says which single events are meant, as written.
struct FilterDraft {
  var types: [YAMLNode] = []
  var sourceNodes: [YAMLNode] = []
  var match: YAMLNode?

  static let record = Record(
    "an event",
    make: { _ in FilterDraft() },
    fields: fields { draft, change in change(&draft) }
  )

  /// The keys of a filter, for a draft that holds one; `change` gives access to it.
  static func fields<Draft>(
    _ change: @escaping @Sendable (inout Draft, (inout FilterDraft) -> Void) -> Void
  ) -> [Field<Draft>] {
    let words = Shape.oneOrMore(.node(["type": "string"]))
    return [
      Field("type", "The event's type, or a beginning such as order.*", words) { draft, types in
        change(&draft) { $0.types = types }
      },
      Field("source", "Where the event comes from.", words) { draft, sources in
        change(&draft) { $0.sourceNodes = sources }
      },
      Field("match", "A pattern that the event must match.", .node(["type": "object"])) { draft, match in
        change(&draft) { $0.match = match }
      },
    ]
  }

  /// The first key that is given.
  var firstNode: YAMLNode? { types.first ?? sourceNodes.first ?? match }

  func trigger(_ reader: inout NodeReader) -> Trigger {
    var trigger = Trigger()
    for node in types {
      guard let text = Shape.text.read(node, &reader) else { continue }
      guard let type = TypePattern(text) else {
        let help = "write for example order.created, order.* or *"
        reader.report(.eventType, "'\(text)' is not an event type", at: node.range, help: help)
        continue
      }
      trigger.types.append(type)
    }
    trigger.sources = sourceNodes.compactMap { Shape.text.read($0, &reader) }
    if let match {
      do throws(PatternError) {
        trigger.pattern = try EventPattern(match.json)
        trigger.match = match.json
      } catch {
        reader.report(.pattern, error.message, at: match.place(error.place).range)
      }
    }
    return trigger
  }
}

/// A trigger as written: a filter, or a join of several.
struct TriggerDraft {
  let range: Range<Int>
  var filter = FilterDraft()
  private var sequence: [FilterDraft]?
  private var all: [FilterDraft]?
  private var absent: AbsentDraft?
  private var count: Int?
  private var within: (duration: Duration, range: Range<Int>)?
  private var by: YAMLNode?

  private init(range: Range<Int>) { self.range = range }

  /// How many events a sequence or a join of all may have.
  private static let lengths = 2...16

  static let record = Record(
    "a trigger",
    make: { TriggerDraft(range: $0) },
    fields: FilterDraft.fields { draft, change in change(&draft.filter) } + [
      Field("sequence", "Events that come one after another.", .list(FilterDraft.record.shape)) {
        $0.sequence = $1
      },
      Field("all", "Events that come in any order.", .list(FilterDraft.record.shape)) { $0.all = $1 },
      Field("absent", "An event that does not follow another one.", AbsentDraft.record.shape) {
        $0.absent = $1
      },
      Field("threshold", "How many such events must come.", ThresholdDraft.record.shape) {
        $0.count = $1.count
      },
      Field("within", "The time within which the events must come.", .placed(.positiveDuration)) {
        $0.within = $1
      },
      Field("by", "What tells the events apart that belong together, in CEL.", .node(["type": "string"])) {
        $0.by = $1
      },
    ]
  )

  /// Whether several events are meant, or would be if all was right.
  var isJoin: Bool {
    sequence != nil || all != nil || absent != nil || count != nil || within != nil || by != nil
  }

  /// The filters of all events that are meant.
  var filters: [FilterDraft] {
    [filter] + (sequence ?? []) + (all ?? []) + [absent?.after, absent?.expect].compactMap { $0 }
  }

  func join(of rule: String, _ reader: inout NodeReader) -> Join? {
    let kinds: [(kind: Windowing.Kind, isGiven: Bool)] = [
      (.sequence, sequence != nil), (.all, all != nil), (.absent, absent != nil), (.threshold, count != nil),
    ]
    let given = kinds.filter(\.isGiven).map(\.kind)
    let start = range.lowerBound..<range.lowerBound + 1
    guard given.count == 1, let kind = given.first else {
      let message =
        given.isEmpty
        ? "'within' and 'by' belong to sequence, all, absent or threshold"
        : "\(given.map(\.rawValue).joined(separator: " and ")) do not go together"
      let place = given.isEmpty ? within?.range ?? by?.range ?? start : start
      reader.report(.combination, message, at: place, help: "give one of them, or a list of triggers")
      return nil
    }
    if kind != .threshold, let node = filter.firstNode {
      reader.report(
        .combination,
        "type, source and match belong to the events within '\(kind.rawValue)'",
        at: node.range
      )
      return nil
    }
    guard let within else {
      let help = "the time within which the events must come, such as 10m"
      reader.report(.missingKey, "'\(kind.rawValue)' needs 'within'", at: start, help: help)
      return nil
    }
    return join(kind, of: rule, within: within.duration, &reader)
  }

  private func join(
    _ kind: Windowing.Kind,
    of rule: String,
    within: Duration,
    _ reader: inout NodeReader
  ) -> Join? {
    let machine: any TimeOperator
    let drafts: [FilterDraft]
    switch kind {
    case .sequence:
      drafts = sequence ?? []
      machine = OrderedSequence(count: drafts.count, within: within)
    case .all:
      drafts = all ?? []
      machine = AllOf(count: drafts.count, within: within)
    case .absent:
      drafts = [absent?.after, absent?.expect].compactMap { $0 }
      machine = Absence(within: within)
      // What is missing has been reported.
      guard drafts.count == 2 else { return nil }
    default:
      drafts = [filter]
      machine = Threshold(count: count ?? 1, within: within)
    }
    if kind != .threshold, !Self.lengths.contains(drafts.count) {
      let message = "'\(kind.rawValue)' needs \(Self.lengths.lowerBound) to \(Self.lengths.upperBound) events"
      reader.report(.range, message, at: range.lowerBound..<range.lowerBound + 1)
      return nil
    }
    let key = KeyReader.key(by, &reader)
    if case .some(nil) = key { return nil }
    let elements = drafts.map { $0.trigger(&reader) }
    return Join(
      windowing: Windowing(kind, machine, by: key ?? nil, of: rule, elements: elements),
      elements: elements
    )
  }
}

/// The two sides of an absence as written.
struct AbsentDraft {
  private(set) var after: FilterDraft?
  private(set) var expect: FilterDraft?

  static let record = Record(
    "an absence",
    make: { _ in AbsentDraft() },
    fields: [
      Field("after", "The event that begins the wait.", FilterDraft.record.shape, isRequired: true) {
        $0.after = $1
      },
      Field("expect", "The event that is expected.", FilterDraft.record.shape, isRequired: true) {
        $0.expect = $1
      },
    ]
  )
}

/// A threshold as written.
struct ThresholdDraft {
  private(set) var count: Int?

  static let record = Record(
    "a threshold",
    make: { _ in ThresholdDraft() },
    fields: [
      Field("count", "How many events.", .integer(1...Threshold.greatestCount), isRequired: true) {
        $0.count = $1
      }
    ]
  )
}

extension YAMLNode {
  /// The node at the end of a way through keys and elements, or as far as the way leads.
  func place(_ way: [PatternError.Step]) -> YAMLNode {
    var node = self
    for step in way {
      switch (step, node.content) {
      case (.key(let key), .mapping(let members)):
        guard let member = members.last(where: { $0.name == key }) else { return node }
        node = member.value
      case (.element(let index), .sequence(let elements)) where elements.indices.contains(index):
        node = elements[index]
      default: return node
      }
    }
    return node
  }
}
