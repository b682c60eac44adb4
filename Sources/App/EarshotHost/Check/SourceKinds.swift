// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
public import PluginWire
public import Rules
import SocketSource
import TimerSource

/// The kinds of sources that this host has.
public struct SourceKinds: SourceCatalog {
  /// The kind of the socket for events, which every host has and no rule file names.
  static let socketKind = "socket"

  /// Makes the catalog.
  public init() {}

  /// The names of all kinds.
  public var kinds: [String] { ["timer"] }

  /// The options of a kind.
  public func options(of kind: String) -> ParameterSchema? { kind == "timer" ? TimerOptions.schema : nil }

  /// What is wrong with options that fit their schema.
  public func problems(of kind: String, options: JSONValue) -> [OptionProblem] {
    guard kind == "timer", case .failure(let found) = TimerOptions.plan(options) else { return [] }
    return found.problems
  }

  /// Makes the source of a definition that was checked.
  func source(_ definition: SourceDefinition, in configuration: HostConfiguration) throws -> any EventSource {
    switch definition.kind {
    case Self.socketKind: return SocketEvents(path: configuration.paths.eventSocket)
    default:
      let plan = try TimerOptions.plan(definition.options).get()
      return TimerEvents(plan, seed: .random(in: .min ... .max))
    }
  }
}
