// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What does not change from event to event: the environment, and the secrets by their names.
public struct ScopeSurroundings: Sendable {
  /// Nothing.
  public static let empty = ScopeSurroundings(environment: [:], secrets: [:])

  let environment: Value
  let secrets: Value
  /// What takes the secrets out of text.
  public let redaction: SecretRedaction

  /// Makes surroundings from the variables of the host's environment and from secrets.
  public init(environment: [String: String], secrets: [String: String]) {
    self.environment = Self.map(environment)
    self.secrets = Self.map(secrets)
    redaction = SecretRedaction(secrets)
  }

  private static func map(_ values: [String: String]) -> Value {
    .map(MapValue(values.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }))
  }
}

/// The values of the variables of a rule's expressions, in the order of `ExpressionEnvironment.rule`.
public struct Scope: Sendable {
  let variables: Variables

  /// Makes the scope of an event; nil for an event that the expression does not look at.
  ///
  /// `events` are all events that the rule reacts to, when there are several; otherwise the one is all. `outputs` are the
  /// outputs of the finished steps by the steps' ids.
  public init(
    event: JSONContent?,
    events: [JSONContent] = [],
    in surroundings: ScopeSurroundings = .empty,
    outputs: [String: JSONValue] = [:]
  ) {
    let steps = outputs.sorted { $0.key < $1.key }.map { id, output in
      (key: id, value: Value.map(MapValue([(key: "output", value: Value(output))])))
    }
    let all = events.isEmpty ? event.map { [$0] } ?? [] : events
    variables = Variables([
      event.map { $0.value(at: 0) } ?? .map(.empty), surroundings.environment, .map(MapValue(steps)),
      surroundings.secrets, .list(all.map { $0.value(at: 0) }),
    ])
  }
}

extension ExpressionEnvironment {
  /// The place of the event among the variables of a rule's expressions.
  static let eventSlot = 0
  /// The place of the list of all events.
  static let eventsSlot = 4

  /// What a condition may speak of: the event, all events that the rule reacts to, and the host's environment.
  public static let condition = rule(steps: nil, allowsSecrets: false)

  /// What a key may speak of, by which events are told apart: the event and the host's environment.
  public static let key = rule(steps: nil, allowsSecrets: false, hasEvents: false)

  /// What a step may speak of, after the steps with the given ids.
  ///
  /// Secrets may only be used in what is handed to a plugin, which is never stored.
  public static func step(after steps: [String], allowsSecrets: Bool) -> ExpressionEnvironment {
    rule(steps: steps, allowsSecrets: allowsSecrets)
  }

  private static func rule(
    steps: [String]?,
    allowsSecrets: Bool,
    hasEvents: Bool = true
  ) -> ExpressionEnvironment {
    let step = RecordType(
      name: "step",
      missing: "a step has no '%'; it has an output",
      fields: ["output": .dyn]
    )
    let earlier = RecordType(
      name: "steps",
      missing: "no step '%' comes before this one",
      fields: Dictionary((steps ?? []).map { ($0, .record(step)) }) { first, _ in first }
    )
    let names = [
      "event", "env", steps == nil ? "@steps" : "steps", allowsSecrets ? secrets : "@none",
      hasEvents ? "events" : "@events",
    ]
    let types: [ExpressionType] = [
      .record(event), .map(.string, .string), .record(earlier), .map(.string, .string), .list(.record(event)),
    ]
    return ExpressionEnvironment(variables: zip(names, types).map { Variable($0, $1) })
  }

  /// An event as JSON (CloudEvents 1.0, JSON format); extensions are of any type.
  private static let event = RecordType(
    name: "event",
    missing: "an event has no attribute '%'",
    fields: [
      "specversion": .string, "id": .string, "source": .string, "type": .string, "subject": .string,
      "time": .string,
      "datacontenttype": .string, "dataschema": .string, "data": .dyn, "data_base64": .string,
      "correlationid": .string, "causationid": .string, "recordedtime": .string, "sequence": .string,
      "hops": .double,
    ],
    others: .dyn
  )
}
