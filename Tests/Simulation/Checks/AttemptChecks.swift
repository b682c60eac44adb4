// SPDX-License-Identifier: Apache-2.0

import DurableLog
import PluginWire
import Rules

/// What must hold whenever an attempt begins, over all hosts of a simulation.
final class AttemptChecks {
  /// How the last attempt of a step has ended, as far as the world knows.
  enum Ending { case underWay, done, mayPass, willNotPass, unknown }

  private let scenario: Scenario
  private var endings: [StepPlace: Ending] = [:]
  private var keys: [StepPlace: String] = [:]
  private var places: [String: StepPlace] = [:]
  /// Runs that were tried again because a person has wished it.
  private var revived: Set<RunID> = []
  /// The newest run of each turn that has begun, of rules whose runs wait for nothing else.
  private var turns: [[UInt8]: RunID] = [:]
  private var begun: Set<RunID> = []
  /// Runs that were to end before their present attempt was committed.
  private var cancelled: Set<RunID> = []
  /// What does not hold, if anything does not.
  private(set) var violation: String?

  init(_ scenario: Scenario) { self.scenario = scenario }

  func fail(_ message: String) { violation = violation ?? message }

  private func expect(_ holds: Bool, _ message: @autoclosure () -> String) {
    if !holds { fail(message()) }
  }

  func begin(_ attempt: SimulatedAttempt, beside open: [SimulatedAttempt]) {
    let (run, request) = (attempt.run, attempt.request)
    let name = "attempt \(request.attempt) of step \(run.step) of run \(run.id.rawValue)"
    guard let rule = scenario.rule(run.rule, of: run.revision), rule.steps.indices.contains(run.step) else {
      return fail("\(name) began, whose rule there is not")
    }
    expect(run.state == .running || run.state == .cancelling, "\(name) began, but it is \(run.state)")
    expect(run.attempts == request.attempt, "\(name) began, but the log has counted \(run.attempts)")
    let limit = rule.steps[run.step].retry?.attempts ?? 5
    expect(request.attempt <= limit, "\(name) began, but \(limit) are the most")
    checkOthers(attempt, rule, open, name)
    checkKey(attempt, name)
    checkEnding(attempt, rule, name)
    checkCompensation(attempt, rule, name)
    let isUndoing = rule.steps[run.step].compensates != nil
    expect(isUndoing || !cancelled.contains(run.id), "\(name) began, though it was cancelled before")
    checkOrder(run, rule, name)
    endings[attempt.place] = .underWay
    begun.insert(run.id)
  }

  /// What is under way beside it.
  private func checkOthers(
    _ attempt: SimulatedAttempt,
    _ rule: Rule,
    _ open: [SimulatedAttempt],
    _ name: String
  ) {
    expect(!open.contains { $0.ticket == attempt.ticket }, "\(name) began while another one is under way")
    let count = open.count { $0.listener == attempt.listener } + 1
    let credit = scenario.credits[attempt.listener] ?? 0
    expect(count <= credit, "\(name) began as one of \(count) at \(attempt.listener), which takes \(credit)")
    if let gate = attempt.run.gate {
      let count = open.count { $0.run.gate == gate } + 1
      let most = scenario.most(at: attempt.run)
      expect(count <= most, "\(name) is one of \(count) at its gate, of \(most)")
    }
    if let turn = attempt.run.turn {
      expect(!open.contains { $0.run.turn == turn }, "\(name) began while another one has its turn")
    }
  }

  private func checkKey(_ attempt: SimulatedAttempt, _ name: String) {
    let key = attempt.request.key
    expect(keys[attempt.place] ?? key == key, "\(name) has another key than the one before")
    expect(places[key] ?? attempt.place == attempt.place, "\(name) has the key of another step")
    keys[attempt.place] = key
    places[key] = attempt.place
  }

  /// How the attempt before has ended.
  private func checkEnding(_ attempt: SimulatedAttempt, _ rule: Rule, _ name: String) {
    switch endings[attempt.place] {
    case nil, .mayPass: break
    case .underWay: fail("\(name) began while the one before is under way")
    case .done: fail("\(name) began, but the step is done")
    case .willNotPass: fail("\(name) began after a failure that will not pass")
    case .unknown:
      let mayRepeat = rule.steps[attempt.run.step].effects != .irreversible || rule.onUncertain == .retry
      expect(mayRepeat, "\(name) began, though nobody knows how the one before ended")
    }
  }

  /// Only what is done is taken back, and the last first.
  private func checkCompensation(_ attempt: SimulatedAttempt, _ rule: Rule, _ name: String) {
    guard let undone = rule.steps[attempt.run.step].compensates else { return }
    let ending = endings[StepPlace(run: attempt.run.id, step: undone)]
    // A person may have said that it was done.
    expect(
      ending == .done || ending == .unknown,
      "\(name) takes back what has ended as \(String(describing: ending))"
    )
    for later in rule.steps.indices.dropFirst(undone + 1) where owes(attempt.run.id, later, rule) {
      fail("\(name) takes back a step before step \(later), which is done")
    }
  }

  /// Whether a step is done that could be taken back, and has not been.
  private func owes(_ run: RunID, _ step: Int, _ rule: Rule) -> Bool {
    guard let undo = rule.steps[step].compensation else { return false }
    let ending = endings[StepPlace(run: run, step: undo)]
    return endings[StepPlace(run: run, step: step)] == .done && ending != .done && ending != .unknown
  }

  /// What a run that has taken back all has not; nil when it has.
  func owed(by run: Run) -> String? {
    guard run.state == .compensated, let rule = scenario.rule(run.rule, of: run.revision) else { return nil }
    guard let step = rule.steps.indices.first(where: { owes(run.id, $0, rule) }) else { return nil }
    return "run \(run.id.rawValue) of '\(run.rule)' has not taken step \(step) back"
  }

  /// The runs of a rule that has no mode and no windows come to their first turns in their order.
  private func checkOrder(_ run: Run, _ rule: Rule, _ name: String) {
    guard run.branch == nil else { return }
    let isFirst = !begun.contains(run.id) && !revived.contains(run.id)
    guard let turn = run.turn, run.step == 0, isFirst, scenario.plain[run.rule] != nil else {
      return
    }
    let place = Array(run.rule.utf8) + [0] + turn
    if let last = turns[place] {
      expect(last < run.id, "\(name) began after run \(last.rawValue) of its turn")
    }
    turns[place] = run.id
  }

  /// An attempt has ended, and the dispatcher is told so.
  func end(_ attempt: SimulatedAttempt, _ ending: Ending) { endings[attempt.place] = ending }

  /// A run is tried again, however the last attempt of its step has ended.
  func noteRevival(_ run: Run) {
    revived.insert(run.id)
    endings[StepPlace(run: run.id, step: run.step)] = nil
    guard run.branch != nil else { return }
    // A branch that has taken back what it had done begins anew, under other keys.
    endings = endings.filter { $0.key.run != run.id || $0.key.step < run.step }
    keys = keys.filter { $0.key.run != run.id || $0.key.step < run.step }
  }

  /// Attempts are committed.
  func noteAttempts(_ attempts: [(run: RunID, isCancelled: Bool)]) {
    for (run, isCancelled) in attempts {
      if isCancelled { cancelled.insert(run) } else { cancelled.remove(run) }
    }
  }

  /// The host has ended: what the log has not been told of an attempt's end nobody will know.
  func hostEnded(_ disk: InMemoryLog) {
    let open = (try? disk.runs(after: .start, states: [.running, .cancelling], limit: .max)) ?? []
    // Also of one that the log has counted and that has not begun: the host does not know that either.
    for run in open { endings[StepPlace(run: run.id, step: run.step)] = .unknown }
  }

  /// How a step has ended last.
  func ending(_ place: StepPlace) -> Ending? { endings[place] }
}

extension RunMode {
  /// How many runs of a gate may go on at once.
  var most: Int { kind == .parallel ? max ?? .max : 1 }
}
