// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Expressions

extension Aggregate {
  /// What is decided on a command.
  public enum Verdict: Sendable, Hashable {
    /// It is accepted, and these events are to be appended; JSON objects.
    case accepted([JSONValue])
    /// It is refused, for that reason.
    case refused(String)
  }

  /// Decides on a command, by the state that its thing has.
  ///
  /// A pure function. - Throws: `AggregateFailure`.
  public func verdict(
    on command: Command,
    _ content: CommandContent,
    state: JSONValue,
    in surroundings: ScopeSurroundings
  ) throws -> Verdict {
    let scope = Scope(command: content, state: state, in: surroundings)
    for requirement in command.requirements where try !holds(requirement.condition, in: scope) {
      return .refused(try text(requirement.message, instead: requirement.condition, in: scope))
    }
    var events: [JSONValue] = []
    for emitted in command.events {
      if let condition = emitted.condition, try !holds(condition, in: scope) { continue }
      events.append(addressed(try emitted.event.value(in: scope), to: content.key))
    }
    return .accepted(events)
  }

  private func text(_ message: ValueTemplate, instead part: Condition, in scope: Scope)
    throws(AggregateFailure) -> String
  {
    do throws(EvaluationError) {
      let value = try message.value(in: scope)
      if case .string(let text) = value { return text }
      return value.json
    } catch {
      throw AggregateFailure(aggregate: id, part: part, error: error)
    }
  }

  /// The event, a JSON object, with the subject of a thing unless it has one.
  public func addressed(_ event: JSONValue, to key: String) -> JSONValue {
    guard case .object(let members) = event, event["subject"] == nil else { return event }
    return .object(members + [.init("subject", .string(subject(of: key)))])
  }
}
