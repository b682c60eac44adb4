// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation

extension Log {
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read events into the log, as earshot log export wrote them.",
      discussion: """
        Events keep id, source, time, correlation and causation, and when they were recorded as far as the log's order \
        allows. What the log has already, by source and id, is counted and left out, so the same file may be read again. \
        Rules do not see the events, unless --trigger is given; then they are recorded as if they came now. Events are \
        committed some thousand at a time. At the first line that is no event it ends, and says up to which line the events \
        are in the log. Without a host, they are written into the log itself, which is made if it is not there.

        Examples:
          earshot log import archive.ndjson
          gzip -dc orders.ndjson.gz | earshot log import -
        """
    )

    @Argument(help: "The file; `-` reads standard input.") var file: String
    @Flag(help: "Let rules see the events, as if they came now; needs a running host.") var trigger = false
    @Flag(help: "Leave out lines that are no events, and go on.") var skipInvalid = false
    @OptionGroup var location: StateOption
    @Flag(help: "Print the result as JSON.") var json = false

    func run() async throws {
      let input = try opened()
      var sums = Sums()
      do {
        try await location.caring(makesLog: !trigger) { try await read(input, $0, &sums) }
      } catch {
        HostOutput.write(
          "line \(sums.through) is the last one that was looked at, \(sums.imported) events are imported"
        )
        throw error
      }
      if isatty(STDERR_FILENO) != 0, !json { FileHandle.standardError.write(Data("\r".utf8)) }
      print(json ? sums.json.json : sums.text)
      if sums.refused > 0 { throw ExitCode(65) }
    }

    private func opened() throws -> FileHandle {
      if file == "-" { return .standardInput }
      guard let handle = FileHandle(forReadingAtPath: file) else {
        throw commandFailure("'\(file)' cannot be read", status: 66)
      }
      return handle
    }

    private func read(_ input: FileHandle, _ caretaker: LogCaretaker, _ sums: inout Sums) async throws {
      var batches = LineBatches(input)
      while let batch = try batches.next() {
        let query = [
          ("line", "\(sums.through + 1)"), ("trigger", "\(trigger)"), ("skip", "\(skipInvalid)"),
        ]
        let answer = try await caretaker("import", query, body: batch)
        sums.add(answer)
        if case .array(let errors)? = answer["errors"] { for error in errors { tell(error) } }
        if isatty(STDERR_FILENO) != 0, !json {
          FileHandle.standardError.write(Data("\r\(sums.through) lines …".utf8))
        }
        if sums.refused > 0, !skipInvalid { return }
      }
    }

    private func tell(_ error: JSONValue) {
      let place =
        "\(file == "-" ? "stdin" : file):\(error["line"]?.json ?? ""):\(error["column"]?.json ?? "")"
      let code = error["code"]?.string ?? ""
      HostOutput.write(
        TerminalText.escaped("\(place): error: \(error["message"]?.string ?? "") [\(code)]")
      )
    }
  }

  /// What has come of the lines so far.
  private struct Sums {
    private(set) var imported = 0
    private(set) var refused = 0
    private(set) var through = 0
    private var duplicates = 0

    mutating func add(_ answer: JSONValue) {
      imported += answer["imported"]?.int ?? 0
      duplicates += answer["duplicates"]?.int ?? 0
      refused += answer["refused"]?.int ?? 0
      through = answer["through"]?.int ?? through
    }

    var text: String {
      let others = [(duplicates, "were there already"), (refused, "are no events")]
        .filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
      return "\(imported) events are imported\(others); read up to line \(through)"
    }

    var json: JSONValue {
      [
        "imported": .number("\(imported)"), "duplicates": .number("\(duplicates)"),
        "refused": .number("\(refused)"), "through": .number("\(through)"),
      ]
    }
  }
}
