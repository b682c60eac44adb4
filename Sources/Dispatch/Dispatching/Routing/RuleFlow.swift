// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Expressions
import Rules
import Timing

/// Leads what triggers rules through the parts of these rules, inside a transaction.
///
///     trigger or join → condition → dedupe → debounce, throttle or collect → mode → run
///
/// What a rule keeps between events is read from the transaction and written to it, so a rule sees all that came before
/// in the same transaction, and nothing that was undone.
struct RuleFlow {
  /// What does not change from event to event.
  struct Context {
    let revision: String
    let scope: ScopeSurroundings
    let clock: any HostClock
    /// What listeners are given one after another.
    let orders: [String: Key]
    /// Takes credit of a listener for a run that begins at once; false when it has to wait.
    let reserve: (_ listener: String, _ rule: String) -> Bool
    /// Counts a condition or key of a rule that had no value.
    let countFailure: (_ rule: String) -> Void
    /// What conditions may look up, and what is remembered of that.
    let lookup: PastStates.Definitions
    let states: StateMemory
  }

  let context: Context
  let transaction: any RoutingTransaction
  let time: SteadyClock.Reading
  /// Whether the rule looks at older events; the windows are looked at when it has caught up.
  var isCatchingUp = false
  /// The replay whose events these are, if they are sent again.
  var replay: Replay?
  /// Events that tell of what could not be decided.
  var notices = EventBatch()

  init(_ context: Context, in transaction: any RoutingTransaction, at time: SteadyClock.Reading) {
    self.context = context
    self.transaction = transaction
    self.time = time
  }

  /// A reaction of the rule, if its condition holds and nothing holds it back.
  mutating func react(_ rule: Rule, to occasion: Occasion) throws {
    guard try holds(rule, occasion) else { return }
    if let dedupe = rule.dedupe {
      let hearing = try hear(dedupe, of: rule, occasion)
      guard let fate = hearing?.change.fate else { return }
      if fate == .dropped { return try note(.deduplicated, occasion.firing.event, rule) }
    }
    guard let span = rule.span else { return try begin(rule, occasion) }
    guard let (key, change) = try hear(span, of: rule, occasion) else { return }
    var firings = change.firings
    if case .fires = change.fate { firings.removeLast() }
    for firing in firings { try begin(rule, self.occasion(firing)) }
    switch change.fate {
    case .fires(let firing): try begin(rule, span.kind == .throttle ? occasion : self.occasion(firing))
    case .delayed(let turn): try delay(occasion.firing, until: turn, span, key)
    case .dropped: try note(.throttled, occasion.firing.event, rule)
    case .held, nil: break
    }
  }

  /// An event that fits elements of a join.
  mutating func join(_ join: Join, of rule: Rule, fits: [Int], _ occasion: Occasion) throws {
    guard let (_, change) = try hear(join.windowing, of: rule, occasion, fits: fits) else { return }
    for firing in change.firings { try react(rule, to: self.occasion(firing)) }
  }

  /// Makes the run, as the rule's mode allows it.
  mutating func begin(_ rule: Rule, _ occasion: Occasion) throws {
    guard let (state, gate) = try admission(of: rule, occasion) else { return }
    let listener = rule.steps[0].listener
    var new = NewRun(
      position: occasion.firing.event,
      names: RunNames(rule: rule.id, revision: context.revision, listener: listener),
      state: state
    )
    if occasion.firing.events.count > 1 { new.inputs = occasion.firing.events }
    if rule.isShadow || replay != nil {
      new.outputs = StepResults.seed(isShadow: rule.isShadow, replay: replay?.id)
    }
    new.gate = gate
    if let order = context.orders[listener] {
      new.turn = Turn.name(of: listener, order, in: try occasion.scope(for: order.expression))
    }
    if state == .dead { return try bury(new, rule, occasion) }
    if state == .pending {
      if let turn = new.turn, try transaction.isTaken(turn: turn) {
        new.state = .behind
      } else if context.reserve(listener, rule.id) {
        new.state = .running
      }
    }
    try transaction.makeRun(new)
  }

  /// How a run begins and at which gate; nil when it does not.
  private mutating func admission(of rule: Rule, _ occasion: Occasion) throws -> (RunState, gate: [UInt8]?)? {
    let mode = rule.mode
    guard !mode.isFree, mode.kind != .shadow else { return (.pending, nil) }
    guard let key = try key(mode.by, of: rule, occasion) else { return nil }
    if let replay {
      let gate = SuccessionName(owner: replay.prefix + rule.id, key: key).bytes
      return (try transaction.openRuns(gate: gate, limit: 1).isEmpty ? .pending : .queued, gate)
    }
    let gate = SuccessionName(owner: rule.id, key: key).bytes
    switch mode.kind {
    case .restart:
      try transaction.cancelRuns(gate: gate) { entry(of: $0, cancelledBy: rule) }
      return (try transaction.openRuns(gate: gate, limit: 1).isEmpty ? .pending : .queued, gate)
    case .single:
      if try transaction.openRuns(gate: gate, limit: 1).isEmpty { return (.pending, gate) }
    case .queued:
      let open = try transaction.openRuns(gate: gate, limit: mode.max ?? 1).count
      if open < mode.max ?? .max { return (open == 0 ? .pending : .queued, gate) }
    case .parallel, .shadow:
      let limit = mode.max ?? .max
      if try transaction.openRuns(gate: gate, limit: limit).count < limit { return (.pending, gate) }
    }
    guard mode.exceeded == .skip else { return (.dead, gate) }
    try note(.blocked, occasion.firing.event, rule)
    return nil
  }

  /// What is remembered of a run whose place another one takes; nil when its rule remembers nothing.
  private func entry(of run: Run, cancelledBy rule: Rule) -> HistoryEntry? {
    guard rule.hasHistory else { return nil }
    // Steps of other revisions are not known here.
    let isKnown = run.revision == context.revision && rule.steps.indices.contains(run.step)
    let now = time.civil
    return HistoryEntry(
      .cancelled,
      step: isKnown ? rule.steps[run.step].id : "",
      attempt: run.attempts,
      began: now,
      ended: now,
      result: Array(#""another run takes its place""#.utf8)
    )
  }

  /// Makes a run that is dead from the beginning, and says so.
  private mutating func bury(_ new: NewRun, _ rule: Rule, _ occasion: Occasion) throws {
    var new = new
    let limit = rule.mode.max.map { " of \($0)" } ?? ""
    new.failure = "there were too many runs of '\(rule.id)' in its mode \(rule.mode.kind.rawValue)\(limit)"
    let run = try transaction.makeRun(new)
    let step = CurrentStep(run: run, rule: rule, event: [])
    let cause = try occasion.document()
    notices.append(step.deathNotice(new.failure ?? "", cause: cause.root, context.clock))
  }

  func occasion(_ firing: Firing) -> Occasion { Occasion(firing, in: transaction, context.scope) }

  func note(_ kind: Decision.Kind, _ position: LogPosition, _ rule: Rule) throws {
    // What became of an event when it was new stays what became of it.
    guard replay == nil else { return }
    try transaction.note(Decision(kind, of: position, rule: rule.id))
  }
}
