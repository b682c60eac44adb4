// SPDX-License-Identifier: Apache-2.0

import DurableLog
public import EventModel
import Matching
public import Rules
import Timing

/// Names the rules that an event triggers.
///
/// A pure function of a rule set and an event: the types and sources of a trigger are conditions beside those of its
/// pattern, and one matcher knows them all. An event is only read when some trigger looks further than its type and
/// source. A copy keeps scratch storage of its own, so one copy serves one thread at a time.
public struct RoutingTable: Sendable {
  /// What an event triggers.
  public struct Hit: Sendable, Hashable {
    /// The index of the rule.
    public let rule: Int
    /// The index of the rule's join, or nil for a trigger of single events.
    public let join: Int?
    /// The index of the join's element.
    public let element: Int
  }

  /// What keeps windows of some name.
  struct Keeper: Sendable {
    let rule: Int
    let windowing: Windowing
    /// Whether these are reactions that wait for their turn.
    let isDelay: Bool

    /// What its windows do.
    var machine: any TimeOperator { isDelay ? Delay() : windowing.machine }
  }

  /// The rules that are routed to.
  public let rules: RuleSet
  /// What listeners are given one after another.
  let orders: [String: Key]
  /// What keeps windows, by their name.
  let keepers: [String: Keeper]
  /// The rules to which no event is routed yet, since they still look at older ones.
  private(set) var catchingUp: Set<String>
  /// Whether the wall clock was set.
  var clock = ClockWatch()
  /// Those that have caught up in the transaction under way.
  private var caughtUp: Set<String> = []
  /// For each rule of which every event that triggers it is a run: what names these runs.
  private let plain: [RunNames?]
  /// For each rule whether some step of it says which files it changes.
  let writesFiles: [Bool]
  /// The hit of each pattern of the matcher, those of a rule together.
  private let owners: [Hit]
  private var matcher: BatchMatcher
  private var triggered: [Hit] = []
  /// Where runs may wait for events.
  var awaits: AwaitTable
  /// The views whose rows conditions may look up.
  let lookedUpViews: [ViewDefinition]
  /// To which streams events belong.
  var streams: StreamTable

  /// Makes the table of a rule set; rules that are not enabled are left out.
  public init(_ rules: RuleSet) { self.init(rules, catchingUp: []) }

  init(
    _ rules: RuleSet,
    catchingUp: Set<String>,
    olderSites: [Step.Await] = [],
    streamsBehind: Set<String> = []
  ) {
    self.rules = rules
    lookedUpViews = rules.lookedUpViews
    streams = StreamTable(rules.streamKeepers, behind: streamsBehind)
    awaits = AwaitTable(rules.rules, olderSites)
    self.catchingUp = catchingUp
    var patterns: [EventPattern] = []
    var owners: [Hit] = []
    var keepers: [String: Keeper] = [:]
    for (index, rule) in rules.rules.enumerated() where rule.isEnabled {
      for trigger in rule.triggers {
        patterns.append(trigger.wholePattern)
        owners.append(Hit(rule: index, join: nil, element: 0))
      }
      for (place, join) in rule.joins.enumerated() {
        patterns += join.elements.map(\.wholePattern)
        owners += join.elements.indices.map { Hit(rule: index, join: place, element: $0) }
      }
      for windowing in rule.windowings {
        keepers[windowing.owner.name] = Keeper(rule: index, windowing: windowing, isDelay: false)
        keepers[windowing.owner.delayed.name] = Keeper(rule: index, windowing: windowing, isDelay: true)
      }
    }
    self.keepers = keepers
    orders = Dictionary(
      rules.listeners.compactMap { listener in listener.orderBy.map { (listener.id, $0) } }
    ) { first, _ in first }
    let hasOrders = !orders.isEmpty
    plain = rules.rules.map { rule in
      let isPlain =
        rule.condition == nil && rule.dedupe == nil && rule.span == nil && rule.mode.isFree && !hasOrders
      guard isPlain else { return nil }
      return RunNames(rule: rule.id, revision: rules.revision, listener: rule.steps[0].listener)
    }
    writesFiles = rules.rules.map(\.writesFiles)
    self.owners = owners
    matcher = BatchMatcher(patterns)
  }

  /// Whether a rule still looks at older events.
  func isCatchingUp(_ rule: Int) -> Bool {
    !catchingUp.isEmpty && catchingUp.contains(rules.rules[rule].id)
  }

  /// Whether what owns a window that stands for its progress has not come to the end of the log.
  func isBehind(_ owner: String) -> Bool {
    RuleBeginning.rule(of: owner).map(catchingUp.contains) ?? streams.behind.contains(owner)
  }

  /// Notes that a rule has looked at all events.
  mutating func noteCaughtUp(_ rule: String) {
    catchingUp.remove(rule)
    caughtUp.insert(rule)
  }

  /// What was noted is committed.
  mutating func commit() {
    clock.commit()
    streams.commit()
    if !caughtUp.isEmpty { caughtUp = [] }
  }

  /// What was noted has not happened.
  mutating func rollBack() {
    clock.rollBack()
    streams.rollBack()
    catchingUp.formUnion(caughtUp)
    caughtUp = []
  }

  /// What names the runs of a rule of which every event that triggers it is a run; nil for other rules.
  func plainNames(_ rule: Int) -> RunNames? { plain[rule] }

  /// How the rules' types, sources and patterns are filed, in words.
  public var outline: String { matcher.outline }

  /// What an event of a batch triggers, in the order of the rules; each rule once by triggers of single events, and then
  /// each element of its joins.
  public mutating func hits(for index: Int, of batch: EventBatch) -> [Hit] {
    matcher.match(index, of: batch)
    triggered.removeAll(keepingCapacity: true)
    for pattern in matcher.matched where triggered.last != owners[pattern] {
      triggered.append(owners[pattern])
    }
    return triggered
  }
}
