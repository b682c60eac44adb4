// SPDX-License-Identifier: Apache-2.0

import CommandSource
public import EventModel
public import EventSources
import FileSource
public import PluginWire
public import Rules
import SocketSource
import TimerSource

/// The kinds of sources that this host has.
public struct SourceKinds: SourceCatalog {
  /// The kind of the socket for events, which every host has and no rule file names.
  static let socketKind = "socket"

  private struct Kind: Sendable {
    let name: String
    let options: ParameterSchema
    let problems: @Sendable (JSONValue) -> [OptionProblem]
    let make: @Sendable (JSONValue, HostConfiguration) throws -> any EventSource
  }

  private static let all: [Kind] = [
    Kind(
      name: "command",
      options: CommandOptions.schema,
      problems: { options in
        if case .failure(let found) = CommandOptions.plan(options) { found.problems } else { [] }
      },
      make: { options, configuration in
        CommandEvents(
          try CommandOptions.plan(options).get(),
          starter: configuration.starter,
          environment: configuration.environment
        )
      }
    ),
    Kind(
      name: "files",
      options: FileOptions.schema,
      problems: { options in
        if case .failure(let found) = FileOptions.plan(options) { found.problems } else { [] }
      },
      make: { FileEvents(try FileOptions.plan($0).get(), report: $1.report) }
    ),
    Kind(
      name: "timer",
      options: TimerOptions.schema,
      problems: { options in
        if case .failure(let found) = TimerOptions.plan(options) { found.problems } else { [] }
      },
      make: { options, _ in
        TimerEvents(try TimerOptions.plan(options).get(), seed: .random(in: .min ... .max))
      }
    ),
  ]

  /// Makes the catalog.
  public init() {}

  /// The names of all kinds.
  public var kinds: [String] { Self.all.map(\.name) }

  /// The options of a kind.
  public func options(of kind: String) -> ParameterSchema? { Self.kind(kind)?.options }

  /// What is wrong with options that fit their schema.
  public func problems(of kind: String, options: JSONValue) -> [OptionProblem] {
    Self.kind(kind)?.problems(options) ?? []
  }

  /// Makes the source of a definition that was checked.
  func source(_ definition: SourceDefinition, in configuration: HostConfiguration) throws -> any EventSource {
    guard definition.kind != Self.socketKind else {
      return SocketEvents(path: configuration.paths.eventSocket)
    }
    guard let kind = Self.kind(definition.kind) else {
      throw HostFailure("there is no kind of source '\(definition.kind)'", status: 70)
    }
    return try kind.make(definition.options, configuration)
  }

  private static func kind(_ name: String) -> Kind? { all.first { $0.name == name } }
}
