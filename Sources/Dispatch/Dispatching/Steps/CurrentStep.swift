// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import Expressions
public import PluginWire
public import Rules

/// The step of a run that is to be made now, with all that it depends on.
///
/// A pure value: what is to be done, and what becomes of the run afterwards, follow from it alone.
public struct CurrentStep: Sendable {
  /// What the step asks for.
  public enum Work: Sendable, Hashable {
    /// An attempt by a plugin; the request's `id` is chosen when it is sent.
    case deliver(plugin: String, RunRequest)
    /// An event of the rule's own, a JSON object.
    case emit([UInt8])
    /// Nothing that could be done: a value that the step needs is missing.
    case impossible(String)
  }

  /// The run, its attempt already counted.
  public let run: Run
  /// The rule in the revision of the run.
  public let rule: Rule
  /// The event that triggered the run, as the world sees it.
  public let event: JSONDocument

  /// Puts a step together; the run's step must be one of the rule's.
  public init(run: Run, rule: Rule, event: JSONDocument) {
    precondition(rule.steps.indices.contains(run.step), "a run's step is one of its rule's")
    self.run = run
    self.rule = rule
    self.event = event
  }

  /// The step.
  public var step: Step { rule.steps[run.step] }

  /// Whether no step comes after this one.
  public var isLast: Bool { run.step == rule.steps.count - 1 }

  /// What is to be done.
  public func work(environment: [String: String]) -> Work {
    do throws(EvaluationError) {
      let scope = Scope(event: event.root, environment: environment, outputs: outputs)
      switch step.action {
      case .emit(let template): return .emit(Self.bytes(try template.value(in: scope)))
      case .invoke(let plugin, let action, let with):
        let request = request(action, with: try with.value(in: scope))
        // The wire's longest line, less what stands around parameters and event.
        guard request.with.count + request.event.count < PluginWire.maximumLine - 4096 else {
          return .impossible("the parameters of '\(step.id)' are too large for a plugin")
        }
        return .deliver(plugin: plugin, request)
      }
    } catch {
      return .impossible(error.description)
    }
  }

  private func request(_ action: String, with: JSONValue) -> RunRequest {
    let (seconds, attoseconds) = step.timeout.components
    return RunRequest(
      id: 0,
      action: action,
      key: IdempotencyKey.key(
        source: event.root["source"]?.string ?? "",
        id: event.root["id"]?.string ?? "",
        rule: rule.id,
        step: run.step
      ),
      attempt: run.attempts,
      timeout: seconds * 1000 + attoseconds / 1_000_000_000_000_000,
      rule: rule.id,
      with: Self.bytes(with),
      event: event.bytes
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

  private static func bytes(_ value: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    value.appendJSON(to: &bytes)
    return bytes
  }
}
