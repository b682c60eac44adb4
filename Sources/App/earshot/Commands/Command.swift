// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

/// `earshot command`: asks a thing of an aggregate to change.
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send a command to a thing of an aggregate.",
    discussion: """
      It is decided on by the state that the thing's events have made; its events are on disk when it is answered. A \
      command with an id is answered once, and the same afterwards. Exit status 1 when it is refused.

        earshot command account/42 Withdraw amount=50
        earshot command account/42 Withdraw --data '{"amount":50}' --id payment-7
      """
  )

  @Argument(help: "The thing, such as account/42.") var thing: String
  @Argument(help: "What is asked, such as Withdraw.") var command: String
  @Argument(help: "What else there is to say, as name=value; a value that is JSON is taken as such.")
  var parameters: [String] = []
  @Option(help: "The same as JSON.") var data: String?
  @Option(help: "By what the command is known; one that was answered before is not done again.") var id:
    String?
  @Option(help: "The version that the thing must have.") var expectVersion: Int64?
  @OptionGroup var location: StateOption
  @Flag(help: "Print the answer as JSON.") var json = false

  func run() async throws {
    guard let name = AggregateName(thing) else {
      throw commandFailure("'\(thing)' names no thing: write it like account/42", status: 64)
    }
    let body = Array(try content().json.utf8)
    let query = [("id", id), ("expected_version", expectVersion.map { String($0) })]
      .compactMap { name, value in value.map { (name, $0) } }
    let answer = try await location.asking {
      try await $0.post(
        ["commands", name.aggregate, name.key, command],
        query,
        body: body,
        hearing: 409
      )
    }
    let isAccepted = answer["accepted"] == .bool(true)
    if json { print(answer.json) } else if isAccepted { print(words(answer)) }
    guard isAccepted else {
      let reason = TerminalText.escaped(answer["message"]?.string ?? "")
      throw json ? ExitCode(1) : commandFailure("refused: \(reason)", status: 1)
    }
  }

  private func content() throws -> JSONValue {
    var members = try data.map(Self.members) ?? []
    for parameter in parameters {
      guard let equals = parameter.firstIndex(of: "="), equals != parameter.startIndex else {
        throw commandFailure("'\(parameter)' is no parameter: write it as name=value", status: 64)
      }
      let text = String(parameter[parameter.index(after: equals)...])
      let value = (try? JSONValue(json: Array(text.utf8), limits: .event)) ?? .string(text)
      members.append(.init(String(parameter[..<equals]), value))
    }
    return .object(members)
  }

  private static func members(_ data: String) throws -> [JSONValue.Member] {
    do throws(JSONError) {
      if case .object(let members) = try JSONValue(json: Array(data.utf8), limits: .event) { return members }
    } catch { throw commandFailure("the data is not JSON: \(error)", status: 65) }
    throw commandFailure("the data must be a JSON object", status: 65)
  }

  private func words(_ answer: JSONValue) -> String {
    guard case .array(let events)? = answer["events"] else { return "" }
    let version = "\(TerminalText.escaped(thing)) is at version \(answer["version"]?.json ?? "?")"
    let repeated = answer["repeated"] == .bool(true) ? " (answered before)" : ""
    let lines = events.map { event in
      "\(TerminalText.escaped(event["type"]?.string ?? "")) at position \(event["position"]?.json ?? "?")"
    }
    return (lines + [version + repeated]).joined(separator: "\n")
  }
}
