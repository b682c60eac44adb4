// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import EventModel
import Foundation

/// `earshot emit`: sends events to a running host.
struct Emit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send an event to the running host.",
    discussion: """
      Answers once the event is on disk, with its position. With `-` as type, events are read from standard input, one \
      JSON object a line. Exit status 65 for an event that is not valid, 69 when no host runs.
      """
  )

  @Argument(help: "What happened, such as order.created; `-` reads events from standard input.") var type:
    String
  @Option(help: "What else there is to say, as JSON.") var data: String?
  @Option(help: "What it happened to.") var subject: String?
  @Option(help: "Where it comes from, a URI reference.") var source: String?
  @Option(help: "Its id; an id that the source has used before is not stored again.") var id: String?
  @OptionGroup var location: StateOption
  @Flag(help: "Print the answer as JSON.") var json = false

  func run() async throws {
    if type == "-" { return try await sendLines() }
    var event = CloudEvent(type: type, subject: subject)
    event.source = source
    event.id = id
    if let data {
      do throws(JSONError) {
        event.data = .json(try JSONValue(json: Array(data.utf8), limits: .event))
      } catch {
        throw commandFailure("the data is not JSON: \(error)", status: 65)
      }
    }
    try await send(Array(event.json.json.utf8))
  }

  private func sendLines() async throws {
    while let line = readLine() {
      if !line.allSatisfy(\.isWhitespace) { try await send(Array(line.utf8)) }
    }
  }

  private func send(_ event: [UInt8]) async throws {
    let answer = try await location.asking { try await $0.post(["events"], body: event) }
    guard case .array(let outcomes) = answer else { return }
    for outcome in outcomes {
      if json { print(outcome.json) } else { print(Self.words(outcome)) }
    }
  }

  private static func words(_ outcome: JSONValue) -> String {
    if let position = outcome["position"] { return "position \(position.json)" }
    return "duplicate of position \(outcome["duplicate"]?.json ?? "?")"
  }
}
