// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation
import Processes

/// `earshot graph`: what leads to what.
struct Graph: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show which events lead to which rules, actions and further events.",
    discussion: """
      What the rules declare, as a table, or in a language that is drawn: DOT (Graphviz), Mermaid, JSON, or SVG if \
      Graphviz is installed. With --runs, how often each has happened, failed, and how long it took, by what the \
      log says; what was never taken, and what no rule declares. Rules that trigger each other in a circle are named. \
      With --event or --run, what one event has led to, or one run has done, each event, run and step by itself.
      """
  )

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, dot, mermaid, json, svg
  }

  @Argument(help: "Rule files and folders.") var paths: [String] = []
  @Option(help: "How it is written.") var format = Format.table
  @Flag(help: "Also what has happened, by the log.") var runs = false
  @Option(help: "Only what has happened in the last while, such as 24h, or since an instant.") var since:
    String?
  @Option(help: "What the event at this position has led to.") var event: Int64?
  @Option(help: "What the run of this number has done.") var run: Int64?
  @OptionGroup var plugins: PluginOption
  @OptionGroup var location: StateOption

  func validate() throws {
    guard [event, run].compactMap({ $0 }).count + (runs || since != nil ? 1 : 0) < 2 else {
      throw ValidationError("give one of --event, --run, and --runs or --since")
    }
  }

  func run() async throws {
    if let tree = try tree() { return try await show(tree) }
    let rules = try await RuleFolders(paths).load(plugins).rules
    var graph = EventGraph(rules)
    if runs || since != nil {
      let start = try since.map { try PastInstant.of($0) }
      graph = try location.reading { try StoredLog(path: $0).graph(over: graph, since: start) }
    }
    try await show(graph)
  }

  /// What one event or run has led to, if that is asked for.
  private func tree() throws -> EventGraph? {
    guard event != nil || run != nil else { return nil }
    let found = try location.reading { path in
      let log = StoredLog(path: path)
      return try event.map { try log.graph(ofEvent: $0) } ?? run.map { try log.graph(ofRun: $0) } ?? nil
    }
    guard let found else {
      let name = event.map { "event at position \($0)" } ?? "run \(run ?? 0)"
      throw commandFailure("there is no \(name)", status: 66)
    }
    return found
  }

  private func show(_ graph: EventGraph) async throws {
    let text = GraphText(graph)
    switch format {
    case .table: print(graph.isTree ? text.tree : Self.table(graph, text))
    case .dot: print(text.dot)
    case .mermaid: print(text.mermaid)
    case .json: print(text.json.json)
    case .svg: print(try await Graphviz.svg(of: text.dot))
    }
  }

  private static func table(_ graph: EventGraph, _ text: GraphText) -> String {
    let rows = graph.sorted.map { ends, edge in
      [
        "\(ends.from.kind.rawValue) \(ends.from.name)", "\(ends.to.kind.rawValue) \(ends.to.name)",
        graph.isObserved && edge.count == 0 ? "never" : text.label(edge),
      ].map(TerminalText.escaped)
    }
    let header = ["FROM", "TO"] + [graph.isObserved ? "HAPPENED" : ""]
    let cycles = graph.cycles.map { way in
      "circle: " + (way + way.prefix(1)).map { TerminalText.escaped($0.name) }.joined(separator: " → ")
    }
    return ([Table.text(header: header, rows: rows)] + (cycles.isEmpty ? [] : [""]) + cycles)
      .joined(separator: "\n")
  }
}
