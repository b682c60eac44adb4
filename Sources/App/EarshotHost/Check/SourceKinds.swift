// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
import FileSource
public import PluginWire
public import Rules
import TimerSource

/// The kinds of sources that this host has.
public struct SourceKinds: SourceCatalog {
  private struct Kind {
    let name: String
    let options: ParameterSchema
    let problems: (JSONValue) -> [OptionProblem]
  }

  private static var all: [Kind] {
    [
      Kind(name: "files", options: FileOptions.schema) { options in
        if case .failure(let found) = FileOptions.plan(options) { found.problems } else { [] }
      },
      Kind(name: "timer", options: TimerOptions.schema) { options in
        if case .failure(let found) = TimerOptions.plan(options) { found.problems } else { [] }
      },
    ]
  }

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

  private static func kind(_ name: String) -> Kind? { all.first { $0.name == name } }
}
