// SPDX-License-Identifier: Apache-2.0

public import DurableLog
import EventModel
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
    /// Nothing, since the step's condition does not hold.
    case pass
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

  /// Whether no step comes after this one.
  public var isLast: Bool { run.step == rule.steps.count - 1 }

  /// What is to be done.
  public func work(in surroundings: ScopeSurroundings) -> Work {
    let step = step
    do throws(EvaluationError) {
      if let condition = step.condition {
        let scope = scope(surroundings, readsEvent: condition.expression.readsEvent)
        guard try condition.expression.holds(in: scope) else { return .pass }
      }
      switch step.action {
      case .emit(let template): return .emit(try bytes(of: template, surroundings))
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

  /// The event with its structure; scanned anew each time, since most steps never look.
  var scannedEvent: JSONView {
    guard let document = try? JSONDocument(event) else { return Self.nothing.root }
    return document.root
  }

  private static let nothing: JSONDocument = {
    guard let document = try? JSONDocument(Array("{}".utf8)) else { preconditionFailure("an object is JSON") }
    return document
  }()

  private func bytes(
    of template: ValueTemplate,
    _ surroundings: ScopeSurroundings
  ) throws(EvaluationError) -> [UInt8] {
    if let constant = template.constantJSON { return constant }
    var bytes: [UInt8] = []
    let scope = scope(surroundings, readsEvent: template.readsEvent)
    try template.value(in: scope).appendJSON(to: &bytes)
    return bytes
  }

  private func scope(_ surroundings: ScopeSurroundings, readsEvent: Bool) -> Scope {
    let event = readsEvent ? JSONContent(scannedEvent.document) : nil
    let all = events.compactMap { try? JSONDocument($0) }.map { JSONContent($0) }
    return Scope(event: event, events: all, in: surroundings, outputs: outputs)
  }

  private func request(_ action: String, _ timeout: Duration, with: [UInt8]) -> RunRequest {
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
        step: run.step
      ),
      attempt: run.attempts,
      timeout: seconds * 1000 + attoseconds / 1_000_000_000_000_000,
      rule: rule.id,
      with: with,
      event: event
    )
  }

  /// The outputs of the finished steps by the steps' ids.
  private var outputs: [String: JSONValue] {
    guard let bytes = run.outputs, let value = try? JSONValue(json: bytes), case .object(let members) = value
    else { return [:] }
    return members.reduce(into: [:]) { outputs, member in
      guard let index = Int(member.key), rule.steps.indices.contains(index) else { return }
      outputs[rule.steps[index].id] = member.value
    }
  }

  /// The run's outputs with that of this step, a JSON value, if it has one.
  func outputs(adding output: [UInt8]?) -> [UInt8]? {
    guard let output else { return run.outputs }
    var bytes = run.outputs.map { Array($0.dropLast()) + [UInt8(ascii: ",")] } ?? [UInt8(ascii: "{")]
    bytes += Array("\"\(run.step)\":".utf8)
    bytes += output
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
