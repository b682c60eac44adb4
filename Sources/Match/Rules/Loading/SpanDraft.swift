// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import Timing

/// A debounce, throttle, collection or deduplication as written.
struct SpanDraft {
  let kind: Windowing.Kind
  let range: Range<Int>
  private var by: YAMLNode?
  private var quiet: Duration?
  private var longest: Duration?
  private var delivery = Debounce.Delivery.last
  private var limit: Int?
  private var per: Duration?
  private var excess = Throttle.Excess.drop
  private var most = Collect.greatestCount
  private var within: Duration?

  private init(_ kind: Windowing.Kind, _ range: Range<Int>) {
    self.kind = kind
    self.range = range
  }

  private static let by = Field<SpanDraft>(
    "by",
    "What tells the events apart that are looked at together, in CEL.",
    .node(["type": "string"])
  ) { $0.by = $1 }

  static let debounce = Record(
    "a debounce",
    make: { SpanDraft(.debounce, $0) },
    fields: [
      Field("quiet", "How long no event may come.", .positiveDuration, isRequired: true) { $0.quiet = $1 },
      Field("max", "After how long events are reacted to although more keep coming.", .positiveDuration) {
        $0.longest = $1
      },
      Field("deliver", "Which of the events is reacted to.", .word()) { $0.delivery = $1 },
      by,
    ]
  )

  static let throttle = Record(
    "a throttle",
    make: { SpanDraft(.throttle, $0) },
    fields: [
      Field("limit", "How many events are reacted to.", .integer(1...1000), isRequired: true) {
        $0.limit = $1
      },
      Field("per", "In which time.", .positiveDuration, isRequired: true) { $0.per = $1 },
      Field("excess", "What becomes of an event too many.", .word()) { $0.excess = $1 },
      by,
    ]
  )

  static let collect = Record(
    "a collection",
    make: { SpanDraft(.collect, $0) },
    fields: [
      Field("within", "How long after the first event it ends.", .positiveDuration, isRequired: true) {
        $0.within = $1
      },
      Field("max", "With how many events it ends.", .integer(1...Collect.greatestCount)) { $0.most = $1 },
      by,
    ]
  )

  static let dedupe = Record(
    "a deduplication",
    make: { SpanDraft(.dedupe, $0) },
    fields: [
      Field("within", "For how long an equal event is not reacted to.", .positiveDuration, isRequired: true) {
        $0.within = $1
      },
      by,
    ]
  )

  func windowing(of rule: String, _ reader: inout NodeReader) -> Windowing? {
    let key = KeyReader.key(by, &reader)
    if case .some(nil) = key { return nil }
    guard let machine else { return nil }
    return Windowing(kind, machine, by: key ?? nil, of: rule)
  }

  /// Nil when something that must be given is missing, which has been reported.
  private var machine: (any TimeOperator)? {
    switch kind {
    case .debounce: quiet.map { Debounce(quiet: $0, longest: longest, delivery: delivery) }
    case .throttle: limit.flatMap { limit in per.map { Throttle(limit: limit, per: $0, excess: excess) } }
    case .collect: within.map { Collect(most: most, within: $0) }
    default: within.map { Dedupe(within: $0) }
    }
  }
}

/// What of a rule has to do with time, as written.
struct TimingDraft {
  var dedupe: SpanDraft?
  var spans: [SpanDraft] = []

  /// The parts that keep windows; nil after a report.
  func windowings(
    of rule: String,
    afterJoin: Bool,
    _ reader: inout NodeReader
  ) -> (dedupe: Windowing?, span: Windowing?)? {
    if spans.count > 1 {
      let names = spans.map(\.kind.rawValue).joined(separator: " and ")
      reader.report(.combination, "\(names) do not go together", at: spans[1].range, help: "give one of them")
      return nil
    }
    if afterJoin, let span = spans.first, span.kind != .throttle {
      let message = "'\(span.kind.rawValue)' does not go together with a trigger over several events"
      let help = "let this rule emit an event, and a second rule \(span.kind.rawValue) that"
      reader.report(.combination, message, at: span.range, help: help)
      return nil
    }
    let checked = dedupe.map { $0.windowing(of: rule, &reader) }
    let span = spans.first.map { $0.windowing(of: rule, &reader) }
    if case .some(nil) = checked { return nil }
    if case .some(nil) = span { return nil }
    return (checked ?? nil, span ?? nil)
  }
}
