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

/// What has come of a run so far, for the expressions of its steps.
public struct RunResults: Sendable {
  /// Nothing.
  public static let none = RunResults()

  /// The run's id, or that of the run whose branch it is; nil before there is a run.
  public var run: Int64?
  /// The key by which the run's rule tells its events apart.
  public var key: JSONValue?
  /// For what of a list the steps are made, and its place there.
  public var item: (value: JSONValue, index: Int)?
  /// What the run was given by one that has called its rule.
  public var input: JSONValue?
  /// The outputs of the steps that have succeeded, by the steps' ids.
  public var outputs: [String: JSONValue] = [:]
  /// Why steps have failed with which the run went on, by the steps' ids.
  public var errors: [String: String] = [:]
  /// The values that steps have set.
  public var variables: [String: JSONValue] = [:]

  /// Nothing yet.
  public init() {}

  var steps: Value {
    let ids = Set(outputs.keys).union(errors.keys).sorted()
    return .map(
      MapValue(
        ids.map { id in
          let output = outputs[id].map { (key: "output", value: Value($0)) }
          let error = errors[id].map { (key: "error", value: Value.text($0)) }
          return (key: id, value: .map(MapValue([error, output].compactMap { $0 })))
        }
      )
    )
  }

  var values: Value {
    .map(MapValue(variables.sorted { $0.key < $1.key }.map { (key: $0.key, value: Value($0.value)) }))
  }

  var identity: Value {
    let id = run.map { (key: "id", value: Value.text(String($0))) }
    return .map(MapValue([id, (key: "key", value: Value(key ?? .null))].compactMap { $0 }))
  }
}

/// The values of the variables of expressions, in the order of their environment: `ExpressionEnvironment.rule` or
/// `ExpressionEnvironment.state`.
public struct Scope: Sendable {
  let variables: Variables

  init(_ values: [Value]) { variables = Variables(values) }

  /// Makes the scope of an event; nil for an event that the expression does not look at.
  ///
  /// `states` is where the states of things are looked up. `events` are all events that the rule reacts to, when there are several; otherwise the one is all. `trigger` is the
  /// event that the run reacts to, when `event` is one that it has awaited.
  public init(
    event: JSONContent?,
    events: [JSONContent] = [],
    trigger: JSONContent? = nil,
    in surroundings: ScopeSurroundings = .empty,
    results: RunResults = .none,
    states: (any StateLookup)? = nil
  ) {
    let all = events.isEmpty ? event.map { [$0] } ?? [] : events
    variables = Variables([
      event.map { $0.value(at: 0) } ?? .map(.empty), surroundings.environment, results.steps,
      surroundings.secrets, .list(all.map { $0.value(at: 0) }), results.values, results.identity,
      trigger.map { $0.value(at: 0) } ?? .map(.empty), results.item.map { Value($0.value) } ?? .null,
      .int(Int64(results.item?.index ?? 0)), results.input.map { Value($0) } ?? .map(.empty),
      states.map(Self.value) ?? .map(.empty),
    ])
  }
}

extension ExpressionEnvironment {
  /// The place of the event among the variables of a rule's expressions.
  static let eventSlot = 0
  /// The place of the list of all events.
  static let eventsSlot = 4
  /// The place of what looks up states.
  static let statesSlot = 11

  /// What a condition may speak of: the event, all events that the rule reacts to, and the host's environment.
  ///
  /// Also the states of aggregates, as `aggregate('account', key)`, and rows of views, as `view('orders', key)`.
  public static let condition = rule(allowsSecrets: false, hasStates: true)

  /// What a key may speak of, by which events are told apart: the event and the host's environment.
  public static let key = rule(allowsSecrets: false, hasEvents: false)

  /// What a search for recorded events may speak of: the event.
  public static let search = rule(allowsSecrets: false, hasEvents: false, hasSurroundings: false)

  /// What a step may speak of, besides an event: the earlier steps of its run.
  public struct EarlierSteps: Sendable {
    /// Their ids.
    public var ids: [String] = []
    /// The names of the values that they set.
    public var variables: [String] = []
    /// Whether they are made for an item of a list.
    public var hasItem = false

    /// Names them.
    public init(ids: [String] = [], variables: [String] = []) {
      self.ids = ids
      self.variables = variables
    }

    /// Adds others.
    public mutating func join(_ others: EarlierSteps) {
      ids += others.ids.filter { !ids.contains($0) }
      variables += others.variables.filter { !variables.contains($0) }
    }
  }

  /// What a step may speak of.
  ///
  /// Secrets may only be used in what is handed to a plugin, which is never stored.
  public static func step(after earlier: EarlierSteps, allowsSecrets: Bool) -> ExpressionEnvironment {
    rule(after: earlier, allowsSecrets: allowsSecrets)
  }

  /// What the condition of an awaited event may speak of: the event, what has come of the run, and as `trigger` the event
  /// that the run reacts to.
  public static func awaiting(after earlier: EarlierSteps) -> ExpressionEnvironment {
    rule(after: earlier, allowsSecrets: false, hasEvents: false, hasTrigger: true)
  }

  private static func rule(
    after earlier: EarlierSteps? = nil,
    allowsSecrets: Bool,
    hasEvents: Bool = true,
    hasTrigger: Bool = false,
    hasSurroundings: Bool = true,
    hasStates: Bool = false
  ) -> ExpressionEnvironment {
    let isStep = earlier != nil
    let names = [
      "event", hasSurroundings ? "env" : "@env", isStep ? "steps" : "@steps",
      allowsSecrets ? secrets : "@none",
      hasEvents ? "events" : "@events", isStep ? "vars" : "@vars", isStep ? "run" : "@run",
      hasTrigger ? "trigger" : "@trigger", earlier?.hasItem == true ? "item" : "@item",
      earlier?.hasItem == true ? "index" : "@index", isStep ? "input" : "@input",
      hasStates ? states : "@no-states",
    ]
    let types: [ExpressionType] = [
      .record(event), .map(.string, .string), .record(steps(earlier?.ids ?? [])), .map(.string, .string),
      .list(.record(event)), .record(variables(earlier?.variables ?? [])), .record(run),
      .record(event), .dyn, .int, .map(.string, .dyn),
      .map(.string, .dyn),
    ]
    return ExpressionEnvironment(variables: zip(names, types).map { Variable($0, $1) })
  }

  private static func steps(_ ids: [String]) -> RecordType {
    let step = RecordType(
      name: "step",
      missing: "a step has no '%'; it has an output or an error",
      fields: ["output": .dyn, "error": .string]
    )
    return RecordType(
      name: "steps",
      missing: "no step '%' comes before this one",
      fields: Dictionary(ids.map { ($0, .record(step)) }) { first, _ in first }
    )
  }

  private static func variables(_ names: [String]) -> RecordType {
    RecordType(
      name: "vars",
      missing: "no step before this one sets '%'",
      fields: Dictionary(names.map { ($0, .dyn) }) { first, _ in first }
    )
  }

  private static let run = RecordType(
    name: "run",
    missing: "a run has no '%'; it has an id and a key",
    fields: ["id": .string, "key": .dyn]
  )

  /// An event as JSON (CloudEvents 1.0, JSON format); extensions are of any type.
  static let event = RecordType(
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
