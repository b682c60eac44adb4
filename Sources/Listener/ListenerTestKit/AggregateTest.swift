// SPDX-License-Identifier: Apache-2.0

public import ListenerSDK

/// Asks an aggregate what a host would: given events, when a command comes, then events or a refusal.
///
///     let stock = AggregateTest(Stock.self).given(try CloudEvent("stock.received", Quantity(amount: 5)))
///     #expect(try await stock.when("Reserve", ["amount": 3]).events.map(\.type) == ["stock.reserved"])
///     #expect(try await stock.when("Reserve", ["amount": 9]).refusal == "only 5 are there")
///
/// Each event is added by a question of its own, so a state that does not survive being written and read shows.
public struct AggregateTest<State: Aggregate>: Sendable {
  /// What was decided.
  public struct Decision: Sendable, Hashable {
    /// The events to append; none when it was refused.
    public let events: [CloudEvent]
    /// Why it was refused; nil when it was not.
    public let refusal: String?
  }

  /// What a host would not take.
  public struct Mistake: Error, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let description: String
  }

  private let definition: AggregateDefinition
  private let key: String
  private var history: [CloudEvent] = []

  /// Makes a test of a thing without events.
  public init(_ type: State.Type, key: String = "1") {
    definition = AggregateDefinition("tested", type)
    self.key = key
  }

  /// The same thing with events that have happened since.
  public func given(_ events: CloudEvent...) -> AggregateTest { given(events) }

  /// The same thing with events that have happened since.
  public func given(_ events: [CloudEvent]) -> AggregateTest {
    var test = self
    test.history += events
    return test
  }

  /// The state that the events lead to, as JSON.
  ///
  /// - Throws: `Mistake` when an event cannot be added.
  public func state() async throws -> JSONValue {
    var state = try await ask([], after: nil, nil).state
    for (index, event) in history.enumerated() {
      guard definition.description.events.contains(event.type) else {
        throw Mistake(description: "the event '\(event.type)' does not change the aggregate")
      }
      var stamped = event
      stamped.id = stamped.id ?? "\(index + 1)"
      stamped.source = stamped.source ?? "/test"
      state = try await ask([stamped], after: state, nil).state
    }
    return state
  }

  /// What is decided on a command by the state after the events.
  ///
  /// - Throws: `Mistake` for parameters that a host would refuse, events that do not change the aggregate, and when it
  ///   cannot be decided on.
  public func when(_ command: String, _ data: JSONValue = [:], id: String = "c1") async throws -> Decision {
    guard let known = definition.description.commands.first(where: { $0.name == command }) else {
      throw Mistake(description: "there is no command '\(command)'")
    }
    let problems = known.parameters.problems(in: data, at: "")
    guard problems.isEmpty else { throw Mistake(description: problems.joined(separator: "; ")) }
    let answer = try await ask([], after: state(), .init(name: command, id: id, data: data))
    switch answer.verdict {
    case nil: throw Mistake(description: "nothing was decided")
    case .refused(let message): return Decision(events: [], refusal: message)
    case .accepted(let events):
      let decided = try events.map { try CloudEvent(canonical: Array($0.json.utf8)) }
      for event in decided where !definition.description.events.contains(event.type) {
        throw Mistake(description: "the event '\(event.type)' does not change the aggregate")
      }
      return Decision(events: decided, refusal: nil)
    }
  }

  private func ask(_ events: [CloudEvent], after state: JSONValue?, _ command: AggregateQuestion.Command?)
    async throws -> AggregateAnswer
  {
    let question = AggregateQuestion(
      key: key,
      state: state.map { Array($0.json.utf8) },
      events: events.map { Array($0.json.json.utf8) },
      command: command
    )
    var with: [UInt8] = []
    question.append(to: &with)
    let test = ListenerTest(actions: [definition.action])
    let reply = try await test.run(definition.action.description.name, JSONValue(json: with))
    guard let output = reply.output else {
      throw Mistake(description: reply.failure ?? reply.retry ?? "nothing was answered")
    }
    return try AggregateAnswer(json: JSONDocument(Array(output.json.utf8)).root)
  }
}
