// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation

extension View {
  struct Rebuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Build a view anew from the log.",
      discussion: """
        What is there goes on answering until the new table takes its place. Views whose definitions have changed are built \
        anew without being asked.
        """
    )

    @Argument(help: "The view.") var name: String
    @Flag(help: "Only begin, and do not wait until it is done.") var noWait = false
    @OptionGroup var location: StateOption

    func run() async throws {
      try await location.asking { client in
        try await client.rebuildView(name)
        let shown = TerminalText.escaped(name)
        if noWait { return print("the view '\(shown)' is being built anew") }
        while let view = try await Self.view(name, client) {
          if view["state"] == "following" { break }
          if view["state"] == "stopped" {
            let reason = view["last_error"]?["message"]?.string ?? ""
            throw commandFailure(
              "the view '\(shown)' cannot be built: \(TerminalText.escaped(reason))",
              status: 1
            )
          }
          let rebuild = view["rebuild"]
          Progress.show(
            Int64(rebuild?["position"]?.int ?? 0),
            of: Int64(rebuild?["target"]?.int ?? 0),
            "events"
          )
          try await Task.sleep(for: .milliseconds(100))
        }
        Progress.clear()
        let rows = try await Self.view(name, client)?["rows"]?.json ?? "0"
        print("the view '\(shown)' is built: \(rows) row\(rows == "1" ? "" : "s")")
      }
    }

    private static func view(_ name: String, _ client: HostClient) async throws -> JSONValue? {
      guard case .array(let views) = try await client.views() else { return nil }
      return views.first { $0["view"]?.string == name }
    }
  }

  struct Follow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show rows of a view as they change.",
      discussion: "A row that changes often is shown as it is, not each time. Ends with the host."
    )

    @Argument(help: "The view.") var name: String
    @OptionGroup var location: StateOption
    @Flag(help: "Print each change as JSON on a line.") var json = false

    func run() async throws {
      try await location.asking { client in
        try await client.followView(name) { change in
          HostOutput.say(
            json ? String(decoding: change, as: UTF8.self) : Self.line(try JSONValue(json: change))
          )
        }
      }
    }

    /// A change on one line: position, key and what the columns hold.
    private static func line(_ change: JSONValue) -> String {
      if let lost = change["lost"] { return "… and \(lost.json) more changes" }
      let start =
        "\(Table.padded(change["position"]?.json ?? "", to: 7))  \(RowText.cell(change["key"] ?? .null))"
      guard case .object(let row)? = change["row"] else { return start + "  (removed)" }
      return row.dropFirst().reduce(start) { line, member in
        line + "  \(TerminalText.escaped(member.key))=\(RowText.cell(member.value))"
      }
    }
  }
}

/// How far long work has come, on a terminal's standard error.
enum Progress {
  private static let isShown = isatty(STDERR_FILENO) != 0

  static func show(_ done: Int64, of all: Int64, _ what: String) {
    guard isShown, all > 0 else { return }
    FileHandle.standardError.write(Data("\r\(done) of \(all) \(what) (\(100 * done / all) %)\u{1b}[K".utf8))
  }

  static func clear() { if isShown { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) } }
}
