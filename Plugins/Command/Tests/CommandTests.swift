// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerTestKit
import Testing

@testable import ListenerCommand

@Suite struct CommandTests {
  private let kit = ListenerTest(Command.self)

  private func sh(_ script: String, _ more: JSONValue.Member...) async throws -> ListenerReply {
    try await kit.run("run", .object([.init("run", ["sh", "-c", .string(script)])] + more))
  }

  @Test func `is a listener like every other`() async {
    #expect(await ListenerConformance.problems(of: Command.self) == [])
  }

  @Test func `gives the status and both outputs`() async throws {
    let reply = try await sh("echo out; echo problem >&2")
    #expect(
      reply.output == ["status": 0, "stdout": "out\n", "stderr": "problem\n", "truncated": false]
    )
  }

  @Test func `passes every word as it is`() async throws {
    let words: [JSONValue] = ["$(id)", "a b", "'; rm", "*", "", "-n"]
    let reply = try await kit.run("run", ["run": .array(["printf", "<%s>"] + words)])
    #expect(reply.output?["stdout"] == "<$(id)><a b><'; rm><*><><-n>")
  }

  @Test func `takes a status other than 0 for a failure that may pass, with the end of what was said`()
    async throws
  {
    let reply = try await sh("echo cause >&2; exit 75")
    #expect(reply.retry == "'sh' ended with exit status 75: cause")
    #expect(try await sh("kill -9 $$").retry == "'sh' ended with signal 9")
  }

  @Test func `lets a rule say which statuses are fine and which are final`() async throws {
    #expect(try await sh("exit 1", .init("accept", [1, 24])).output?["status"] == 1)
    #expect(try await sh("exit 2", .init("fail_on", [2])).failure == "'sh' ended with exit status 2")
  }

  @Test func `feeds standard input with a text or with JSON`() async throws {
    #expect(try await sh("cat", .init("stdin", "a\n")).output?["stdout"] == "a\n")
    #expect(try await sh("cat", .init("stdin", ["a": 1])).output?["stdout"] == #"{"a":1}"#)
    #expect(try await sh("cat").output?["stdout"] == "")
  }

  @Test func `feeds and reads more than the pipes hold, and bears a program that does not read`() async throws
  {
    let text = String(repeating: "0123456789", count: 20_000)
    let reply = try await sh("cat", .init("stdin", .string(text)), .init("output_limit", 262_144))
    #expect(reply.output?["stdout"] == .string(text))
    #expect(try await sh("exec <&-; echo done", .init("stdin", .string(text))).output?["stdout"] == "done\n")
  }

  @Test func `keeps the beginning of a long output`() async throws {
    let reply = try await sh("printf 'aaa€€'; echo x >&2", .init("output_limit", 8))
    #expect(reply.output == ["status": 0, "stdout": "aaa€", "stderr": "x\n", "truncated": true])
    let endless = try await sh("head -c 3000000 /dev/zero | tr '\\0' x")
    #expect(endless.output?["stdout"]?.string?.utf8.count == 65_536)
  }

  @Test func `replaces what is not UTF-8`() async throws {
    #expect(try await sh(#"printf 'a\377b'"#).output?["stdout"] == "a\u{FFFD}b")
  }

  @Test func `tells the program of the event and keeps the rest of the environment back`() async throws {
    let reply = try await kit.run(
      "run",
      ["run": ["env"], "env": ["GREETING": "hi there"]],
      event: ["id": "7", "type": "a.b", "source": "/s", "subject": "x y"],
      attempt: 2
    )
    let lines = Set(reply.output?["stdout"]?.string?.split(separator: "\n").map(String.init) ?? [])
    let told: Set = [
      "EARSHOT_EVENT_ID=7", "EARSHOT_EVENT_TYPE=a.b", "EARSHOT_EVENT_SOURCE=/s",
      "EARSHOT_EVENT_SUBJECT=x y", "EARSHOT_RULE=rule", "EARSHOT_KEY=key", "EARSHOT_ATTEMPT=2",
      "GREETING=hi there",
    ]
    #expect(told.isSubset(of: lines))
    let names = Set(lines.subtracting(told).map { String($0.prefix { $0 != "=" }) })
    #expect(names.isSubset(of: ChildEnvironment.inherited))
  }

  @Test func `starts in the folder that it is given`() async throws {
    #expect(try await sh("pwd", .init("cwd", "/")).output?["stdout"] == "/\n")
    #expect(try await kit.run("run", ["run": ["bin/sh", "-c", "pwd"], "cwd": "/"]).isDone)
    #expect(try await sh("pwd", .init("cwd", "/does/not/exist")).failure != nil)
    #expect(try await sh("pwd", .init("cwd", "tmp")).failure != nil)
  }
}
