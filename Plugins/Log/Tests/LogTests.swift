// SPDX-License-Identifier: Apache-2.0

import ListenerTestKit
import Testing

@testable import ListenerLog

@Suite struct LogTests {
  @Test func `is a listener like every other`() async {
    #expect(await ListenerConformance.problems(of: Log.self) == [])
  }

  @Test func `succeeds without an output`() async throws {
    let reply = try await ListenerTest(Log.self).run("write", ["message": "hello"])
    #expect(reply.isDone && reply.output == nil && reply.events == [])
  }

  @Test(arguments: [
    ("hello", "rule: hello"), ("one\ntwo\r\nthree", "rule: one ⏎ two ⏎ three"), ("", "rule: "),
    ("\n\n", "rule: "),
  ])
  func `makes one line of a message, with the rule before it`(message: String, line: String) {
    #expect(Write(message: message).line(of: "rule") == line)
  }
}
