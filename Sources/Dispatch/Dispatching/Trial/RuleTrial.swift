// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import EventSources
public import Expressions
import PluginWire
public import Rules
import Synchronization

/// A trial of one rule: the engine itself, on a log in memory and a clock of its own, with actions that have no effect.
public enum RuleTrial {
  /// One thing that the rule did.
  public enum Deed: Sendable, Hashable {
    /// An action was called, by the step with that id, with these parameters; or the run was given up there, for the reason
    /// under `fail`.
    case action(step: String, with: JSONValue)
    /// An event was emitted by the step with that id.
    case emit(step: String, event: JSONValue)
    /// A step could not be made, for that reason.
    case impossible(step: String, reason: String)
    /// The rule's condition had no value: the data of `earshot.rule.failed`.
    case failure(JSONValue)
  }

  /// A deed, and when it was done, counted from the beginning of the trial.
  public typealias TimedDeed = (deed: Deed, offset: Duration)

  /// When a trial begins, unless its events say otherwise.
  public static let beginning = Timestamp(seconds: 1_767_225_600)

  /// What came of a trial.
  public struct Outcome: Sendable {
    /// What the rule did, in order.
    public let deeds: [TimedDeed]
    /// How its runs stand in the end, in the order in which they were made, without their branches.
    public let ends: [RunState]
    /// Whether something could not be taken back.
    public let isStuck: Bool
  }

  /// Lets the events of a test happen and tells what the rule does.
  ///
  /// - Throws: `EventError` when one of the events is not valid.
  public static func outcome(
    of rule: Rule,
    in rules: RuleSet,
    for test: RuleTest,
    scope: ScopeSurroundings,
    viewFolding: (any ViewFolding)? = nil
  ) async throws -> Outcome {
    let clock = VirtualClock(beginning)
    let log = InMemoryLog(clock: clock)
    let recorder = Recorder(rule.id, test, clock: clock)
    var surroundings = Dispatcher.Surroundings(
      log: log,
      clock: clock,
      scope: scope,
      runner: recorder,
      fetchRules: { _ in nil },
      report: { _ in },
      viewFolding: viewFolding
    )
    surroundings.observe = { step, work in recorder.note(step, work) }
    let rules = rules.only(rule)
    let listeners = rules.rules.flatMap { $0.steps.map(\.listener) }
    let credits = Dictionary(listeners.map { ($0, 1) }) { first, _ in first }
    let dispatcher = Dispatcher(rules, credits: credits, in: surroundings)
    recorder.answer(to: dispatcher)
    log.start(router: dispatcher, observer: dispatcher)
    for given in test.given.sorted(by: { $0.offset < $1.offset }) {
      let time = beginning + given.offset
      while let due = try nextDue(log), due <= time {
        try await pass(until: due, clock, log, dispatcher, recorder)
      }
      clock.advance(by: time - clock.now())
      let position = try log.lastPosition()
      try await log.submit(LogChange(events: try batch(given.event, clock)))
      await dispatcher.waitUntilIdle()
      try recorder.noteFailures(in: log, after: position)
    }
    for _ in 0..<mostWaits {
      guard let due = try nextDue(log) else { break }
      try await pass(until: due, clock, log, dispatcher, recorder)
    }
    let runs = try log.runs(after: .start, states: Set(RunState.allCases), limit: .max)
    return Outcome(
      deeds: recorder.deeds,
      ends: runs.filter { $0.branch == nil }.map(\.state),
      isStuck: runs.contains { $0.state == .stuck }
    )
  }

  /// How often a trial waits for something after its last event.
  private static let mostWaits = 1000

  private static func nextDue(_ log: InMemoryLog) throws -> Timestamp? {
    // What waits without a limit is never due as far as a trial goes.
    let horizon = beginning + CurrentStep.lifetime / 2
    return [try log.nextDue(), try log.nextWindowDue()].compactMap { $0 }.filter { $0 < horizon }.min()
  }

  /// Lets time pass until something is due, and lets that happen.
  private static func pass(
    until due: Timestamp,
    _ clock: VirtualClock,
    _ log: InMemoryLog,
    _ dispatcher: Dispatcher,
    _ recorder: Recorder
  ) async throws {
    if due > clock.now() { clock.advance(by: due - clock.now()) }
    let position = try log.lastPosition()
    await dispatcher.workOffDue()
    try recorder.noteFailures(in: log, after: position)
  }

  private static func batch(_ event: JSONValue, _ clock: VirtualClock) throws -> EventBatch {
    var intake = EventIntake(defaultSource: "test", clock: clock)
    var batch = EventBatch()
    var bytes: [UInt8] = []
    event.appendJSON(to: &bytes)
    try intake.append(bytes.span, to: &batch)
    return batch
  }
}

/// Answers every attempt at once and remembers what was done.
private final class Recorder: AttemptRunner {
  private let rule: String
  private let test: RuleTest
  private let clock: VirtualClock
  private let noted = Mutex<[RuleTrial.TimedDeed]>([])
  private let dispatcher = Mutex<Dispatcher?>(nil)

  init(_ rule: String, _ test: RuleTest, clock: VirtualClock) {
    self.rule = rule
    self.test = test
    self.clock = clock
  }

  var deeds: [RuleTrial.TimedDeed] { noted.withLock { $0 } }

  func answer(to dispatcher: Dispatcher) { self.dispatcher.withLock { $0 = dispatcher } }

  func note(_ step: CurrentStep, _ work: CurrentStep.Work) {
    let id = name(step)
    let deed: RuleTrial.Deed
    switch work {
    case .deliver(_, let request): deed = .action(step: id, with: Self.value(request.with))
    case .emit(let event): deed = .emit(step: id, event: Self.value(event))
    case .fail(let reason): deed = .action(step: id, with: ["fail": .string(reason)])
    case .impossible(let reason): deed = .impossible(step: id, reason: reason)
    case .pass, .hold, .awaits, .note, .goOn, .takeBack, .branches, .shadow: return
    }
    note(deed)
  }

  /// How a test calls a step: by its id, or, if a rule makes it that was called, as `rule.step`.
  private func name(_ step: CurrentStep) -> String {
    step.rule.id == rule ? step.step.id : "\(step.rule.id).\(step.step.id)"
  }

  private func note(_ deed: RuleTrial.Deed) {
    let offset = clock.now() - RuleTrial.beginning
    noted.withLock { $0.append((deed, offset)) }
  }

  private static func value(_ json: [UInt8]) -> JSONValue { (try? JSONValue(json: json)) ?? .null }

  /// Notes the conditions that had no value, by the events that tell of them.
  func noteFailures(in log: InMemoryLog, after position: LogPosition) throws {
    let page = try log.events(from: LogPosition(rawValue: position.rawValue + 1), limit: 1000)
    for index in page.entries.indices {
      let event = try JSONDocument(Array(page.json(index))).root
      guard event["type"]?.string == RuleFailure.type, let data = event["data"] else { continue }
      note(.failure(JSONValue(data)))
    }
  }

  func begin(_ attempts: [PluginRun], by listener: String) {
    guard let dispatcher = dispatcher.withLock({ $0 }) else { return }
    dispatcher.finished(
      attempts.map { attempt in
        let step = dispatcher.open.withLock { $0[attempt.ticket]?.step }.map(name) ?? ""
        if let failure = test.failures[step] { return (attempt.ticket, .fail(message: failure)) }
        return (attempt.ticket, .ack(output: test.outputs[step].map { Array($0.json.utf8) }, emit: []))
      }
    )
  }

  /// Nothing is under way that could be cancelled.
  func cancel(_ tickets: [UInt64], by listener: String) {}
}
