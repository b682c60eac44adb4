// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Expressions
public import Rules

/// Theory of operation.
///
/// A backtest asks what other rules would have done. Both sets of rules, the old ones and the new ones, are led through the same
/// recorded events by the engine itself, each side with a dispatcher of its own, on a clock of its own and over a log of its own
/// (`BacktestSide`, `WorkingLog`). So what is compared has passed through the same code with the same knowledge, and rules that are
/// the same do the same by construction. What had been done in the past is never compared with what a model would do.
///
/// `Recording` reads the log a page ahead. Events from outside happen again at the times at which they were recorded; before each
/// of them, what is due is worked off. What rules emitted, and what the engine told of runs, is left out: each side makes it anew.
/// What listeners emitted by themselves happens again on a side that calls the same action. Actions are not called
/// (`StubbedActions`): they end as they ended in the past, when they did, if a recorded run has made that step for that event
/// (`RecordedRuns`), and succeed at once otherwise.
///
/// What stands for an event or a run is the same on both sides (`Fingerprint`), also for what was never recorded: an event that
/// follows from a firing is named by the rule, the events and its place among all that the firing has emitted. Ids that rules can
/// see follow from these names. `FiringComparison` brings firings together by them and keeps few in memory.
///
/// Both sides begin with nothing open. They are driven side by side, a page at a time, each by one thread.
public struct Backtest: Sendable {
  /// How far a backtest has come.
  public struct Progress: Sendable {
    /// How many events have been told.
    public let events: Int
    /// Up to which position.
    public let position: LogPosition
    /// The last one.
    public let last: LogPosition
  }

  private let log: any LogReading
  private let before: RuleSet
  private let after: RuleSet
  private let scope: ScopeSurroundings
  private let recording: Recording
  private let past: RecordedRuns
  private let examples: Int
  private let viewFolding: (any ViewFolding)?

  /// Prepares a backtest of new rules against old ones over a log, with at most so many examples of each kind for each rule.
  ///
  /// `viewFolding` makes the rows that conditions look up; `fetchRules` gives the rules of a revision under which runs were made, or nil when they cannot be used any more.
  public init(
    _ after: RuleSet,
    against before: RuleSet,
    over log: any LogReading,
    scope: ScopeSurroundings,
    examples: Int = 5,
    viewFolding: (any ViewFolding)? = nil,
    fetchRules: @escaping @Sendable (_ revision: String) -> RuleSet?
  ) {
    self.log = log
    self.before = before
    self.after = after
    self.scope = scope
    self.examples = examples
    self.viewFolding = viewFolding
    recording = Recording(log, emitted: EmittedTypes([before, after]))
    past = RecordedRuns(log, fetchRules: fetchRules)
  }

  /// Runs both sides from a position on to the present end of the log, and lets time pass until an instant.
  public func run(
    from position: LogPosition,
    until end: Timestamp,
    progress: (Progress) -> Void
  ) async throws -> BacktestReport {
    let last = try log.lastPosition()
    var cursor = recording.begin(at: position, through: last, clock: VirtualClock(end))
    var comparison = FiringComparison(before, after, examples: examples, recording, scope.redaction)
    var next = try recording.read(&cursor)
    guard let start = next?.groups.first?.recorded else {
      let lines = try comparison.finish(failures: ([:], [:]))
      return BacktestReport(lines: lines, events: 0, span: nil, end: end)
    }
    let sides = [before, after].map {
      BacktestSide($0, at: start, over: recording, from: position, past: past, scope: scope, viewFolding)
    }
    var events = 0
    var untidied = 0
    var now = start
    while let (groups, count) = next {
      async let old: Void = Self.tell(sides[0], groups)
      try await Self.tell(sides[1], groups)
      try await old
      events += count
      untidied += count
      now = groups.last?.recorded ?? now
      try Self.collect(sides, into: &comparison)
      if untidied >= sides.map(\.openCount).reduce(Recording.pageSize, max) {
        untidied = 0
        let root = sides.map { $0.tidy() }.min() ?? .start
        if comparison.isFull { try comparison.settle(before: root) }
      }
      progress(Progress(events: events, position: cursor.position, last: last))
      next = try recording.read(&cursor)
    }
    let rest = max(.zero, end - now)
    async let old: Void = Self.pass(sides[0], rest)
    try await Self.pass(sides[1], rest)
    try await old
    try Self.collect(sides, into: &comparison)
    for firing in sides[0].takeOpen() { try comparison.take(firing, on: .before) }
    for firing in sides[1].takeOpen() { try comparison.take(firing, on: .after) }
    let failures = (sides[0].conditionFailures, sides[1].conditionFailures)
    return BacktestReport(
      lines: try comparison.finish(failures: failures),
      events: events,
      span: (cursor.first, cursor.position),
      end: max(end, now)
    )
  }

  @concurrent
  private static func tell(_ side: BacktestSide, _ groups: [RecordedGroup]) async throws {
    try side.tell(groups)
  }

  @concurrent
  private static func pass(_ side: BacktestSide, _ duration: Duration) async throws {
    try side.pass(duration)
  }

  private static func collect(_ sides: [BacktestSide], into comparison: inout FiringComparison) throws {
    for firing in sides[0].takeEnded() { try comparison.take(firing, on: .before) }
    for firing in sides[1].takeEnded() { try comparison.take(firing, on: .after) }
  }
}
