// SPDX-License-Identifier: Apache-2.0

public import ListenerSDK

/// What every listener must do alike.
public enum ListenerConformance {
  /// What is wrong with a listener, one sentence for each finding; empty when all is well.
  ///
  /// No action gets parameters that fit, so none of them does anything.
  ///
  ///     #expect(await ListenerConformance.problems(of: Greeter.self) == [])
  public static func problems<Tested: Listener>(of listener: Tested.Type) async -> [String] {
    let description = listener.description
    var problems = naming(description) + hello(description)
    let kit = ListenerTest(listener)
    problems += await unknownAction(kit, description)
    for action in description.actions { problems += await parameters(kit, action) }
    return problems
  }

  private static func naming(_ plugin: PluginDescription) -> [String] {
    let names = plugin.actions.map(\.name)
    var problems: [String] = []
    if names.isEmpty && plugin.aggregates.isEmpty { problems.append("the listener has no actions") }
    if plugin.version.isEmpty { problems.append("the listener has no version") }
    let aggregates = plugin.aggregates.map(\.name)
    for name in [plugin.name] + names + aggregates
    where name.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)*/) == nil {
      problems.append("'\(name)' is not in kebab case")
    }
    for name in Set(names).sorted() where names.count(where: { $0 == name }) > 1 {
      problems.append("there are several actions '\(name)'")
    }
    for name in Set(aggregates).sorted() where aggregates.count(where: { $0 == name }) > 1 {
      problems.append("there are several aggregates '\(name)'")
    }
    return problems + plugin.aggregates.flatMap(aggregate)
  }

  private static func aggregate(_ aggregate: AggregateDescription) -> [String] {
    var problems: [String] = []
    if aggregate.events.isEmpty { problems.append("no event changes the aggregate '\(aggregate.name)'") }
    if Set(aggregate.events).count < aggregate.events.count {
      problems.append("the aggregate '\(aggregate.name)' names an event twice")
    }
    if Set(aggregate.commands.map(\.name)).count < aggregate.commands.count {
      problems.append("the aggregate '\(aggregate.name)' has several commands of one name")
    }
    for command in aggregate.commands {
      if case .object = command.parameters { continue }
      problems.append(
        "the parameters of '\(command.name)' are no object with known keys, so commands cannot be checked"
      )
    }
    return problems
  }

  private static func hello(_ plugin: PluginDescription) -> [String] {
    var line: [UInt8] = []
    PluginMessage.hello(plugin, version: PluginWire.version).append(to: &line)
    let heard = try? PluginMessage(line: line.dropLast())
    return heard == .hello(plugin, version: PluginWire.version)
      ? [] : ["a host would not understand the hello"]
  }

  private static func unknownAction(_ kit: ListenerTest, _ plugin: PluginDescription) async -> [String] {
    let name = "no-" + plugin.actions.map(\.name).joined(separator: "-")
    let reply = try? await kit.run(name)
    return reply?.failure == nil ? ["an action that there is not does not fail"] : []
  }

  private static func parameters(_ kit: ListenerTest, _ action: ActionDescription) async -> [String] {
    guard case .object(let properties) = action.parameters else {
      return ["the parameters of '\(action.name)' are no object with known keys, so rules cannot be checked"]
    }
    let fitting = properties.filter(\.isRequired).map { JSONValue.Member($0.name, $0.schema.sample) }
    var problems = action.writes.filter { name in !properties.contains { $0.name == name } }
      .map { "'\(action.name)' says that it writes '\($0)', which is none of its parameters" }
    for (index, property) in properties.filter(\.isRequired).enumerated() {
      var members = fitting
      members.remove(at: index)
      if await accepts(kit, action, members) {
        problems.append("'\(action.name)' does without '\(property.name)', which it says it requires")
      }
      guard let wrong = property.schema.misfit else { continue }
      members.insert(JSONValue.Member(property.name, wrong), at: index)
      if await accepts(kit, action, members) {
        problems.append("'\(action.name)' takes \(wrong.json) for '\(property.name)'")
      }
    }
    return problems
  }

  private static func accepts(
    _ kit: ListenerTest,
    _ action: ActionDescription,
    _ members: [JSONValue.Member]
  ) async -> Bool {
    let reply = try? await kit.run(action.name, .object(members))
    return reply?.failure == nil
  }
}

extension ParameterSchema {
  /// A value of this shape.
  fileprivate var sample: JSONValue {
    switch self {
    case .any: .null
    case .string(let allowed): .string(allowed.first ?? "")
    case .integer, .number: 0
    case .boolean: false
    case .list: []
    case .map: [:]
    case .object(let properties):
      .object(properties.filter(\.isRequired).map { JSONValue.Member($0.name, $0.schema.sample) })
    }
  }

  /// A value of another shape; nil when there is none.
  fileprivate var misfit: JSONValue? {
    switch self {
    case .any: nil
    case .string, .integer, .number, .boolean: []
    case .list, .map, .object: "text"
    }
  }
}
