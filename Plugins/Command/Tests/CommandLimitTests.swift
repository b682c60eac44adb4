// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerTestKit
import Processes
import Testing

@testable import ListenerCommand

@Suite struct CommandLimitTests {
  private let kit = ListenerTest(Command.self)

  /// What a program writes to a named pipe; waits until one does.
  private func line(from path: String) async -> String? {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let data = try? FileHandle(forReadingAtPath: path)?.readToEnd()
        continuation.resume(returning: data.map { String(decoding: $0, as: UTF8.self) })
      }
    }
  }

  @Test(arguments: [
    [], [""], ["true", "a\0b"], ["no-such-program-anywhere"], ["/no/such/program"], ["./relative"],
    ["/etc/passwd"], ["/tmp"], ["true", String(repeating: "x", count: 131_072)],
  ])
  func `refuses a command that cannot be started as it stands`(words: [String]) async throws {
    let reply = try await kit.run("run", ["run": .array(words.map { .string($0) })])
    #expect(reply.failure != nil)
  }

  @Test(arguments: ["LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "BASH_ENV", "IFS", "1A", "A B", "A=B", "Ä", ""])
  func `refuses a variable that changes what is run, or that has no proper name`(name: String) async throws {
    let reply = try await kit.run("run", ["run": ["true"], "env": .object([.init(name, "x")])])
    #expect(reply.failure?.contains("'\(name)'") == true)
  }

  @Test func `refuses values that cannot be passed on`() async throws {
    let long = JSONValue.string(String(repeating: "x", count: 131_070))
    #expect(try await kit.run("run", ["run": ["true"], "env": ["A": long]]).failure != nil)
    #expect(try await kit.run("run", ["run": ["true"], "env": ["A": "a\0b"]]).failure != nil)
    #expect(try await kit.run("run", ["run": ["true"]], event: ["subject": "a\0b"]).failure != nil)
    #expect(try await kit.run("run", ["run": ["true"], "output_limit": 262_145]).failure != nil)
    #expect(try await kit.run("run", ["run": ["true"], "timeout": "5"]).failure != nil)
  }

  @Test func `ends a program and its group when its time is over`() async throws {
    let reply = try await kit.run("run", ["run": ["sh", "-c", "sleep 1000 & wait"], "timeout": "50ms"])
    #expect(reply.retry?.hasSuffix("took longer than 50ms") == true)
  }

  @Test func `kills a program that does not heed the end of its time`() async throws {
    var program = Program(path: "/bin/sh", arguments: ["-c", "trap '' TERM; while :; do sleep 1000; done"])
    program.environment = ["PATH": "/usr/bin:/bin"]
    let execution = Execution(program: program, input: [], limit: 10, grace: .milliseconds(50))
    await #expect(throws: ActionError.self) { _ = try await execution.run(timeout: .milliseconds(50)) }
  }

  @Test func `ends a program whose outcome is no longer wanted`() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)").path
    #expect(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    let script = "trap 'echo ended > \(path); exit' TERM; echo started > \(path); sleep 1000 & wait"
    // Beside this test, which cancels it.
    let attempt = Task { try await kit.run("run", ["run": ["sh", "-c", .string(script)]]) }
    #expect(await line(from: path) == "started\n")
    attempt.cancel()
    #expect(await line(from: path) == "ended\n")
    #expect(try await attempt.value.retry == "cancelled")
  }

  @Test func `does not wait for what has left the group and holds the pipe`() async throws {
    let reply = try await kit.run("run", ["run": ["sh", "-c", "setsid sleep 5 & echo started"]])
    #expect(reply.output?["stdout"] == "started\n")
  }
}
