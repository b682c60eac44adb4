// SPDX-License-Identifier: Apache-2.0

public import Diagnostics
import Dispatching
public import EventModel
public import PluginHost
public import Rules

/// Reads and checks rules as the host would, without running them.
public struct RuleCheck: Sendable {
  /// What the rules may use.
  public let plugins: PluginCatalog

  /// Makes a check against plugins.
  public init(plugins: PluginCatalog) { self.plugins = plugins }

  /// The set that the files make, nil when there is any error, and everything that is wrong with them.
  public func run(_ files: [RuleFile]) -> (rules: RuleSet?, diagnostics: DiagnosticBag) {
    RuleLoader.load(files, actions: HostActions(plugins: plugins), sources: SourceKinds())
  }

  /// How the rules of a set are filed for matching, in words.
  public static func outline(of rules: RuleSet) -> String { RoutingTable(rules).outline }

  /// A mistake as programs read it.
  public static func json(_ diagnostic: Diagnostic) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("code", .string(diagnostic.code)), .init("severity", .string(diagnostic.severity.rawValue)),
      .init("message", .string(diagnostic.message)), .init("location", json(diagnostic.location)),
    ]
    if !diagnostic.notes.isEmpty {
      let notes = diagnostic.notes.map { note -> JSONValue in
        ["message": .string(note.message), "location": json(note.location)]
      }
      members.append(.init("notes", .array(notes)))
    }
    if let help = diagnostic.help { members.append(.init("help", .string(help))) }
    return .object(members)
  }

  private static func json(_ location: Diagnostic.Location) -> JSONValue {
    let start = location.source.place(of: location.range.lowerBound)
    let end = location.source.place(of: location.range.upperBound)
    return [
      "file": .string(location.source.name), "line": .number("\(start.line)"),
      "column": .number("\(start.column)"), "end_line": .number("\(end.line)"),
      "end_column": .number("\(end.column)"),
    ]
  }
}
