// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import PluginHost
import PluginWire
import Processes
import Testing

/// Real plugins, each a shell script with a fault of its own.
@Suite struct PluginSupervisorTests {
  private static let hello =
    #"{"kind":"hello","protocol":1,"name":"sick","version":"1","actions":[{"name":"go"}]}"#

  /// Answers each request as `case $line` says; `$id` is the request's id.
  private static func script(_ answer: String) -> String {
    """
    #!/bin/bash
    echo '\(hello)'
    while read -r line; do
      id=$(echo "$line" | sed -n 's/.*"kind":"run","id":\\([0-9]*\\).*/\\1/p')
      case "$line" in *'"kind":"stop"'*) exit 0;; esac
      if [ -n "$id" ]; then
        \(answer)
      fi
    done
    """
  }

  /// What comes of `count` runs, made in one go.
  private func outcomes(
    _ answer: String,
    count: Int = 1,
    timeout: Int64 = 60_000,
    instances: Int = 1
  ) async throws -> [RunOutcome] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "earshot-listener-sick").path
    try Self.script(answer).write(toFile: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    let executable = try #require(try PluginFolder(path: folder.path).executables().first)
    let (stream, continuation) = AsyncStream.makeStream(of: RunOutcome.self)
    let supervisor = PluginSupervisor(
      executable,
      settings: .init(instances: instances, concurrency: 2, idleStop: .seconds(60), settings: [:]),
      in: .init(
        starter: SystemProcessStarter(),
        clock: SystemClock(),
        environment: ["PATH": "/usr/bin:/bin"],
        report: { _ in }
      ),
      finished: { for outcome in $0 { continuation.yield(outcome) } }
    )
    supervisor.submit((1...count).map { Self.run(UInt64($0), timeout: timeout) })
    var found: [RunOutcome] = []
    for await outcome in stream {
      found.append(outcome)
      if found.count == count { break }
    }
    await supervisor.close()
    return found.sorted { $0.ticket < $1.ticket }
  }

  private static func run(_ ticket: UInt64, timeout: Int64) -> PluginRun {
    PluginRun(
      ticket: ticket,
      request: RunRequest(
        id: 0,
        action: "go",
        key: "k",
        attempt: 1,
        timeout: timeout,
        rule: "r",
        with: Array("{}".utf8),
        event: Array("{}".utf8)
      )
    )
  }

  private func message(_ outcome: RunOutcome?) -> String? {
    if case .retry(let message, _)? = outcome?.reply { message } else { nil }
  }

  @Test(arguments: [1, 3]) func `answers for every run with the plugin's own reply`(instances: Int)
    async throws
  {
    let found = try await outcomes(
      #"echo "{\"kind\":\"ack\",\"id\":$id}""#,
      count: 20,
      instances: instances
    )
    #expect(found.map(\.ticket) == Array(1...20))
    #expect(found.allSatisfy { $0.reply == .ack(output: nil, emit: []) })
  }

  @Test func `a crash answers for what was open, and the plugin is started again`() async throws {
    let found = try await outcomes("exit 3", count: 3)
    #expect(found.count == 3)
    #expect(message(found.first) == "'sick' ended: exit status 3")
    #expect(found.allSatisfy { message($0)?.contains("exit status 3") == true })
  }

  @Test func `a plugin that hangs is answered for when its time is over`() async throws {
    let found = try await outcomes("sleep 1000", timeout: 20)
    #expect(message(found.first) == "took longer than 20ms")
  }

  @Test func `a plugin that floods its output or talks nonsense is ended`() async throws {
    let flood = try await outcomes("head -c 9000000 /dev/zero")
    #expect(message(flood.first) == "'sick' broke the protocol: a line is too long")
    let nonsense = try await outcomes("echo nonsense")
    #expect(message(nonsense.first)?.hasPrefix("'sick' broke the protocol: not JSON") == true)
  }

  @Test func `large requests reach a plugin that reads slowly`() async throws {
    let found = try await outcomes(#"sleep 0.01; echo "{\"kind\":\"ack\",\"id\":$id}""#, count: 6)
    #expect(found.count == 6)
  }
}
