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
  /// `outputs` are the outputs of the finished steps by the steps' ids.
  public init(
    event: JSONContent?,
    in surroundings: ScopeSurroundings = .empty,
    outputs: [String: JSONValue] = [:]
  ) {
    let steps = outputs.sorted { $0.key < $1.key }.map { id, output in
      (key: id, value: Value.map(MapValue([(key: "output", value: Value(output))])))
    }
    variables = Variables([
      event.map { $0.value(at: 0) } ?? .map(.empty), surroundings.environment, .map(MapValue(steps)),
      surroundings.secrets,
    ])
  }
}

extension ExpressionEnvironment {
  /// The place of the event among the variables of a rule's expressions.
  static let eventSlot = 0

  /// What a condition may speak of: the event and the host's environment.
  public static let condition = rule(steps: nil, allowsSecrets: false)

  /// What a step may speak of, after the steps with the given ids.
  ///
  /// Secrets may only be used in what is handed to a plugin, which is never stored.
  public static func step(after steps: [String], allowsSecrets: Bool) -> ExpressionEnvironment {
    rule(steps: steps, allowsSecrets: allowsSecrets)
  }

  private static func rule(steps: [String]?, allowsSecrets: Bool) -> ExpressionEnvironment {
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
    let names = ["event", "env", steps == nil ? "@steps" : "steps", allowsSecrets ? secrets : "@none"]
    let types: [ExpressionType] = [
      .record(event), .map(.string, .string), .record(earlier), .map(.string, .string),
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
