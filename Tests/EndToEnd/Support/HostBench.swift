// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation

/// A folder with rules, plugins and state for hosts of one test.
struct HostBench: Sendable {
  let root: String
  var rules: String { root + "/Rules" }
  var state: String { root + "/state" }
  var plugins: String { root + "/plugins" }
  var work: String { root + "/work" }
  var errorPath: String { root + "/errors" }

  /// The built program, which lies beside the tests.
  static let executable: String = {
    let program = CommandLine.arguments[0].hasPrefix("/") ? CommandLine.arguments[0] : "/proc/self/exe"
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? program
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "earshot").path
  }()

  init(rules text: String) throws {
    root = NSTemporaryDirectory() + "earshot-\(UUID().uuidString.prefix(8))"
    for folder in [rules, plugins, work] {
      try FileManager.default.createDirectory(
        atPath: folder,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    }
    try write(rules: text)
  }

  /// Replaces the rules; `ROOT` in them stands for the test's folder for work.
  func write(rules text: String) throws {
    try text.replacing("ROOT", with: work).write(
      toFile: rules + "/rules.yaml",
      atomically: true,
      encoding: .utf8
    )
  }

  /// Puts a plugin that is a script beside the built ones.
  func add(plugin name: String, script: String) throws {
    let path = plugins + "/earshot-listener-" + name
    try script.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  func remove() { try? FileManager.default.removeItem(atPath: root) }

  var paths: StatePaths { StatePaths(stateOption: state, environment: [:], workingDirectory: "/") }

  var client: HostClient { HostClient(paths: paths) }

  /// Sends one event over the control socket and gives its position.
  @discardableResult
  func emit(_ event: String) async throws -> Int64 {
    let answer = try await client.post(["events"], body: Array(event.utf8))
    guard case .array(let outcomes) = answer, case .number(let text)? = outcomes.first?["position"] else {
      throw CancellationError()
    }
    return Int64(text) ?? 0
  }

  /// Follows the log from its beginning until `isEnough` says so; gives all events that came.
  @discardableResult
  func follow(_ type: String? = nil, until isEnough: ([JSONValue]) -> Bool) async throws -> [JSONValue] {
    struct Enough: Error {}
    var found: [JSONValue] = []
    let query = [("from", "1")] + (type.map { [("type", $0)] } ?? [])
    do {
      try await client.follow(query) { event in
        found.append(try JSONValue(json: event))
        if isEnough(found) { throw Enough() }
      }
    } catch is Enough {}
    return found
  }

  /// The state of each run by its number.
  func runs() async throws -> [JSONValue] {
    guard case .array(let runs) = try await client.query(["runs"], [("limit", "10000")]) else { return [] }
    return runs
  }
}
