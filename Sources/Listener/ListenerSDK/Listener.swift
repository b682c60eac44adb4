// SPDX-License-Identifier: Apache-2.0

public import PluginWire

/// A program that offers actions and aggregates to rules; mark the conforming type with `@main`.
public protocol Listener {
  /// The name by which rules call the listener; by default the type's name in kebab case.
  static var name: String { get }
  /// The listener's own version.
  static var version: String { get }
  /// What it can do.
  static var actions: [ActionDefinition] { get }
  /// The aggregates that it makes the states of; by default none.
  static var aggregates: [AggregateDefinition] { get }
}

extension Listener {
  /// The type's name in kebab case: `OrderMail` is `order-mail`.
  public static var name: String { KebabCase.name(of: "\(Self.self)") }

  /// The first version.
  public static var version: String { "1.0" }

  /// No actions.
  public static var actions: [ActionDefinition] { [] }

  /// No aggregates.
  public static var aggregates: [AggregateDefinition] { [] }

  /// Names an aggregate of this listener, which rule files use as `<listener>.<name>`.
  public static func aggregate<State: Aggregate>(_ name: String, _ type: State.Type, summary: String = "")
    -> AggregateDefinition
  {
    AggregateDefinition(name, type, summary: summary)
  }

  /// Names an action of this listener; see `ActionDefinition`.
  public static func action<Parameters: Action>(
    _ name: String,
    _ type: Parameters.Type,
    summary: String = "",
    effects: ActionDescription.Effects = .irreversible,
    writes: [String] = []
  ) -> ActionDefinition {
    ActionDefinition(name, type, summary: summary, effects: effects, writes: writes)
  }

  /// What the host is told of the listener.
  public static var description: PluginDescription {
    PluginDescription(
      name: name,
      version: version,
      actions: actions.map(\.description),
      aggregates: aggregates.map(\.description)
    )
  }

  /// Runs the listener until its host is gone or sends it away.
  public static func main() {
    ListenerProcess.run(description, actions: actions + aggregates.map(\.action))
  }
}
