// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
public import PluginWire

/// The plugins that rules may call.
public protocol ActionCatalog: Sendable {
  /// The names of all plugins.
  var pluginNames: [String] { get }

  /// What a plugin says of itself; nil when there is no such plugin.
  func plugin(named name: String) -> PluginDescription?
}

/// The kinds of sources that rules may set up.
public protocol SourceCatalog: Sendable {
  /// The names of all kinds.
  var kinds: [String] { get }

  /// The options of a kind; nil when there is no such kind.
  func options(of kind: String) -> ParameterSchema?

  /// What is wrong with options that fit their schema.
  func problems(of kind: String, options: JSONValue) -> [OptionProblem]
}
