// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Expressions
public import PluginWire
public import Rules

/// The step of a run that is to be made now, with all that it depends on.
///
/// What is to be done, and what becomes of the run afterwards, follow from it alone. It never changes; it is an object
/// since it is handed on often and holds much.
public final class CurrentStep: Sendable {
  /// What the step asks for.
  public enum Work: Sendable, Hashable {
    /// An attempt by a plugin; the request's `id` is chosen when it is sent.
    case deliver(plugin: String, RunRequest)
    /// An event of the rule's own, a JSON object.
    case emit([UInt8])
    /// Nothing, since the step's condition does not hold, or what it has waited for is there.
    case pass
    /// Nothing for so long; the output, a JSON value, says until when.
    case hold(Duration, output: [UInt8])
    /// Nothing, until an event comes.
    case awaits(Awaiting)
    /// Something that has branches.
    case branches(BranchWork)
    /// Nothing but to note an output, a JSON value.
    case note([UInt8])
    /// The end of the run, for a reason that the rule gives.
    case fail(String)
    /// Nothing, since the run is cancelled and takes back what it has done.
    case takeBack
    /// Nothing but to go on with the step of that index.
    case goOn(with: Int)
    /// Nothing but to note what would have been done: to call an action or rule, to emit an event, or to ask a person.
    indirect case shadow(Work)
    /// Nothing that could be done: a value that the step needs is missing.
    case impossible(String)
  }

  /// The run, its attempt already counted.
  public let run: Run
  /// The rule in the revision of the run.
  public let rule: Rule
  /// The event that triggered the run, as the world sees it.
  public let event: [UInt8]
  /// All events that the run reacts to, when there are several and the step looks at them.
  let events: [[UInt8]]

  /// Puts a step together; the run's step must be one of the rule's.
  public init(run: Run, rule: Rule, event: [UInt8], events: [[UInt8]] = []) {
    precondition(rule.steps.indices.contains(run.step), "a run's step is one of its rule's")
    self.run = run
    self.rule = rule
    self.event = event
    self.events = events
  }

  /// The step.
  public var step: Step { rule.steps[run.step] }

  /// What is to be done.
  ///
  /// `now` is the civil time.
  public func work(in surroundings: ScopeSurroundings, at now: Timestamp) -> Work {
    let step = step
    if step.hasBranches, let fork = StepResults.fork(of: step.compensates ?? run.step, in: run.outputs) {
      if step.compensates != nil { return .branches(.undo(fork: fork)) }
      // A person has the run tried again whose branches have ended.
      let isAgain = run.attempts - run.interruptions <= 1 && !run.isCancelled
      return .branches(isAgain ? .again(fork: fork) : .join(fork: fork))
    }
    if run.isCancelled, step.compensates == nil { return .takeBack }
    do throws(EvaluationError) {
      if let condition = step.condition {
        guard try holds(condition, surroundings) else { return .pass }
      }
      if step.isShadow, let work = try shadowWork(surroundings) { return .shadow(work) }
      switch step.action {
      case .emit(let template): return .emit(try bytes(of: template, surroundings))
      case .set(let values): return .note(try bytes(of: values, surroundings))
      case .fail(let reason): return .fail(Self.text(try value(of: reason, surroundings)))
      case .choose(let choices): return try choice(choices, surroundings)
      case .wait(let wait):
        if StepResults.has(run.step, in: run.outputs) { return .pass }
        return try hold(wait, surroundings, now)
      case .fork(let fork): return try work(forking: fork, surroundings)
      // A step without branches has nothing that they could take back.
      case .undo: return .pass
      case .awaits(let site): return try work(awaiting: site, surroundings)
      case .invoke(let plugin, let action, let with):
        let request = request(action, step.timeout, with: try bytes(of: with, surroundings))
        // The wire's longest line, less what stands around parameters and event.
        guard request.with.count + request.event.count < PluginWire.maximumLine - 4096 else {
          return .impossible("the parameters of '\(step.id)' are too large for a plugin")
        }
        return .deliver(plugin: plugin, request)
      }
    } catch {
      return .impossible(surroundings.redaction.redacted(error.description))
    }
  }

  private func holds(
    _ condition: Condition,
    _ surroundings: ScopeSurroundings
  ) throws(EvaluationError) -> Bool {
    try condition.expression.holds(in: scope(surroundings, readsEvent: condition.expression.readsEvent))
  }

  private func choice(
    _ choices: [Step.Choice],
    _ surroundings: ScopeSurroundings
  ) throws(EvaluationError) -> Work {
    for choice in choices {
      guard let condition = choice.condition else { return .goOn(with: choice.first) }
      if try holds(condition, surroundings) { return .goOn(with: choice.first) }
    }
    return .pass
  }

  private func hold(
    _ wait: Step.Wait,
    _ surroundings: ScopeSurroundings,
    _ now: Timestamp
  ) throws(EvaluationError) -> Work {
    let until: Timestamp
    switch wait {
    case .span(let value):
      let text = Self.text(try self.value(of: value, surroundings))
      guard let span = DurationText.duration(of: text) else {
        return .impossible("'\(text)' is not a duration")
      }
      until = now + span
    case .until(let value):
      let text = Self.text(try self.value(of: value, surroundings))
      guard let instant = Timestamp(rfc3339: text) else { return .impossible("'\(text)' is not an instant") }
      until = instant
    }
    let output = JSONValue.object([JSONValue.Member("until", .string(until.rfc3339))])
    return .hold(max(.zero, until - now), output: Array(output.json.utf8))
  }

  static func text(_ value: JSONValue) -> String { value.string ?? value.json }

  /// The event with its structure; scanned anew each time, since most steps never look.
  var scannedEvent: JSONView {
    guard let document = try? JSONDocument(event) else { return Self.nothing.root }
    return document.root
  }

  private static let nothing: JSONDocument = {
    guard let document = try? JSONDocument(Array("{}".utf8)) else { preconditionFailure("an object is JSON") }
    return document
  }()

  func bytes(
    of template: ValueTemplate,
    _ surroundings: ScopeSurroundings
  ) throws(EvaluationError) -> [UInt8] {
    if let constant = template.constantJSON { return constant }
    var bytes: [UInt8] = []
    try value(of: template, surroundings).appendJSON(to: &bytes)
    return bytes
  }

  func value(
    of template: ValueTemplate,
    _ surroundings: ScopeSurroundings
  ) throws(EvaluationError) -> JSONValue {
    try template.value(in: scope(surroundings, readsEvent: template.readsEvent))
  }

  private func scope(_ surroundings: ScopeSurroundings, readsEvent: Bool) -> Scope {
    let event = readsEvent ? JSONContent(scannedEvent.document) : nil
    let all = events.compactMap { try? JSONDocument($0) }.map { JSONContent($0) }
    return Scope(event: event, events: all, in: surroundings, results: results)
  }

  /// What has come of the run so far.
  var results: RunResults { StepResults.read(run, of: rule, key: key) }

  /// The key by which the rule tells its events apart; nil when it does not.
  private var key: JSONValue? {
    guard let by = rule.key else { return nil }
    return try? by.expression.json(in: Scope(event: JSONContent(scannedEvent.document), in: .empty))
  }

  func request(_ action: String, _ timeout: Duration, with: [UInt8]) -> RunRequest {
    let (seconds, attoseconds) = timeout.components
    let (id, source) = CanonicalEvent.identity(event) ?? (0..<event.count, 0..<0)
    return RunRequest(
      id: 0,
      action: action,
      key: IdempotencyKey.key(
        source: event[source],
        id: event[id],
        inputs: run.inputs,
        rule: rule.id,
        step: run.step,
        path: StepResults.keyPath(in: run.outputs)
      ),
      attempt: run.attempts,
      timeout: seconds * 1000 + attoseconds / 1_000_000_000_000_000,
      rule: rule.id,
      with: with,
      event: event,
      isReplay: run.replay != nil
    )
  }
}
