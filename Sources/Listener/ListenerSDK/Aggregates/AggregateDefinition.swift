// SPDX-License-Identifier: Apache-2.0

import EventModel
public import PluginWire

/// An aggregate under its name.
public struct AggregateDefinition: Sendable {
  /// What the host is told.
  public let description: AggregateDescription
  /// The action by which the host asks; no rule can name it.
  public let action: ActionDefinition

  /// Names an aggregate.
  public init<State: Aggregate>(_ name: String, _ type: State.Type, summary: String = "") {
    description = AggregateDescription(
      name: name,
      summary: summary,
      events: State.events.map(\.type),
      commands: State.commands.map(\.description)
    )
    let asked = ActionDescription(
      name: AggregateQuestion.action(of: name),
      summary: summary,
      parameters: .any,
      effects: .none
    )
    action = ActionDefinition(asked) { with, _ in
      .output(try Self.answer(AggregateQuestion(json: with), State.self).json)
    }
  }

  private static func answer<State: Aggregate>(_ question: AggregateQuestion, _ type: State.Type) throws
    -> AggregateAnswer
  {
    var state = try question.state.map { try self.state(of: $0, type) } ?? State()
    for event in question.events { try evolve(&state, by: event) }
    let verdict = try question.command.map { try decide($0, by: state, key: question.key) }
    return AggregateAnswer(state: try ValueEncoder.json(state), verdict: verdict)
  }

  private static func state<State: Aggregate>(of json: [UInt8], _ type: State.Type) throws -> State {
    do { return try ParameterDecoder.decode(type, from: JSONDocument(json).root) } catch {
      throw ActionError.fail("the state cannot be read: \(words(error))")
    }
  }

  /// Another attempt would fail like this one, so what an event does not do is no reason for one.
  private static func evolve<State: Aggregate>(_ state: inout State, by event: [UInt8]) throws {
    let document = try JSONDocument(event)
    let name = document.root["type"]?.string ?? ""
    guard let definition = State.events.first(where: { $0.type == name }) else { return }
    do { try definition.evolve(&state, document) } catch {
      let id = document.root["id"]?.string ?? ""
      throw ActionError.fail("the event '\(name)' with the id '\(id)' cannot be added: \(words(error))")
    }
  }

  private static func decide<State: Aggregate>(
    _ asked: AggregateQuestion.Command,
    by state: State,
    key: String
  ) throws -> AggregateAnswer.Verdict {
    guard let definition = State.commands.first(where: { $0.description.name == asked.name }) else {
      throw ActionError.fail("there is no command '\(asked.name)'")
    }
    var data: [UInt8] = []
    asked.data.appendJSON(to: &data)
    let document = try JSONDocument(data)
    do {
      let context = CommandContext(id: asked.id, key: key)
      return .accepted(try definition.decide(state, document.root, context).map(\.json))
    } catch let refusal as Refusal {
      return .refused(refusal.message)
    } catch let error as ActionError {
      throw error
    } catch {
      throw ActionError.fail("'\(asked.name)' cannot be decided on: \(words(error))")
    }
  }

  private static func words(_ error: any Error) -> String {
    switch error {
    case DecodingError.typeMismatch(_, let context), DecodingError.keyNotFound(_, let context),
      DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context):
      context.debugDescription
    case EncodingError.invalidValue(_, let context): context.debugDescription
    case ActionError.fail(let message), ActionError.retry(let message, _): message
    case let refusal as Refusal: refusal.message
    default: "\(error)"
    }
  }
}
