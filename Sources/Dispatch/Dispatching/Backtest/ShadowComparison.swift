// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Expressions
public import Rules

/// Compares what a rule without effects would have done with what a live rule did, by the runs that a log holds of both.
///
/// When things were done is not compared: a live rule waits for its listeners.
public struct ShadowComparison: Sendable {
  private static let pageSize = 500
  private static let historyLimit = 1000

  private let shadow: String
  private let live: String
  private let log: any LogReading
  private let scope: ScopeSurroundings
  private let shelf: RevisionShelf
  private let examples: Int

  /// Prepares a comparison of a shadow with a live rule.
  ///
  /// `fetchRules` gives the rules of a revision, or nil when they cannot be used any more.
  public init(
    of shadow: String,
    with live: String,
    over log: any LogReading,
    scope: ScopeSurroundings,
    examples: Int = 5,
    fetchRules: @escaping @Sendable (_ revision: String) throws(LogFailure) -> RuleSet?
  ) {
    self.shadow = shadow
    self.live = live
    self.log = log
    self.scope = scope
    self.examples = examples
    shelf = RevisionShelf(fetch: fetchRules)
  }

  /// Compares the runs for events from a position on, and not before the first one of the shadow; `now` is the present time.
  public func run(from position: LogPosition, now: Timestamp) throws -> BacktestReport {
    let recording = Recording(log, emitted: EmittedTypes([]))
    var comparison = FiringComparison(only: shadow, examples: examples, recording, scope.redaction)
    var (after, first) = (RunID.start, LogPosition?.none)
    var events: Set<LogPosition> = []
    while true {
      let page = try log.runs(after: after, states: Set(RunState.allCases), limit: Self.pageSize)
      guard let last = page.last else { break }
      after = last.id
      for run in page where run.branch == nil && run.replay == nil && run.position >= position {
        guard run.rule == shadow || run.rule == live else { continue }
        if run.rule == shadow { first = first ?? run.inputs.first ?? run.position }
        // Before that there was no shadow.
        guard let first, run.inputs.first ?? run.position >= first else { continue }
        events.insert(run.position)
        try comparison.take(try firing(of: run), on: run.rule == shadow ? .after : .before)
      }
    }
    return BacktestReport(
      lines: try comparison.finish(failures: ([:], [:])),
      events: events.count,
      span: try first.map { ($0, try log.lastPosition()) },
      end: now
    )
  }

  /// What a run did, as the log tells it; of a run of one step without a history, what follows from its event.
  private func firing(of run: Run) throws -> RuleFiring {
    let positions = run.inputs.isEmpty ? [run.position] : run.inputs
    let name = positions.reduce(Fingerprint("")) { $0.with(Fingerprint($1.rawValue)) }
    var firing = RuleFiring(
      of: shadow,
      name,
      root: positions[0],
      positions: positions.map(BacktestPosition.of),
      made: positions.map { _ in nil },
      delay: .zero,
      began: run.updated
    )
    firing.end(as: .done)
    guard let rule = try shelf.rule(of: run.names) else { return firing }
    for deed in try deeds(of: run, rule) { firing.note(deed, by: run.id, named: name) }
    return firing
  }

  private func deeds(of run: Run, _ rule: Rule) throws -> [RuleFiring.Deed] {
    let history = try log.history(of: run.id, limit: Self.historyLimit)
    guard history.isEmpty else { return history.compactMap { Self.deed($0, rule) } }
    guard let work = try log.work(of: [run.id]).first else { return [] }
    let events = run.inputs.isEmpty ? [] : try log.events(at: run.inputs)
    let step = CurrentStep(run: run, rule: rule, event: work.event, events: events)
    return Self.deed(step.step, step.work(in: scope, at: run.updated).deed).map { [$0] } ?? []
  }

  /// What an entry of a history tells; nil for an attempt that was not the last one, or a step that nobody else notices.
  private static func deed(_ entry: HistoryEntry, _ rule: Rule) -> RuleFiring.Deed? {
    guard [.done, .dead, .cancelled, .uncertain].contains(entry.kind),
      let step = rule.steps.first(where: { $0.id == entry.step })
    else { return nil }
    return deed(step, entry.input ?? (entry.kind == .done ? nil : entry.result))
  }

  private static func deed(_ step: Step, _ value: [UInt8]?) -> RuleFiring.Deed? {
    guard let value else { return nil }
    let kind: BacktestReport.DeedKind
    switch step.action {
    case .invoke: kind = .action
    case .emit: kind = .emit
    case .awaits: kind = .ask
    case .fail: kind = .fail
    case .fork, .wait, .set, .choose, .undo: return nil
    }
    return RuleFiring.Deed(step: step.id, kind: kind, value: value, offset: .zero)
  }
}
