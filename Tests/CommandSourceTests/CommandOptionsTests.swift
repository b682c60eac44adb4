// SPDX-License-Identifier: Apache-2.0

import CommandSource
import EventModel
import EventSources
import Testing

@Suite struct CommandOptionsTests {
  @Test(arguments: [
    (#"{"run":[]}"#, ["run command-run"]),
    (#"{"run":["./here"]}"#, ["run command-run"]),
    (#"{"run":["a","\u0000"]}"#, ["run command-run"]),
    (#"{"run":["a"],"every":"0s"}"#, ["every command-every"]),
    (#"{"run":["a"],"every":"5s","restart":"1s"}"#, ["restart command-rhythm"]),
    (#"{"run":["a"],"timeout":"1s"}"#, ["timeout command-rhythm"]),
    (#"{"run":["a"],"cwd":"here","env":{"A=B":"c"}}"#, ["cwd command-cwd", "env command-env"]),
  ])
  func `names each mistake`(options: String, expected: [String]) throws {
    let result = CommandOptions.plan(try JSONValue(json: Array(options.utf8)))
    guard case .failure(let problems) = result else {
      Issue.record("was accepted")
      return
    }
    #expect(problems.problems.map { "\($0.option) \($0.code)" } == expected)
  }

  @Test func `takes all options`() throws {
    let plan = try CommandOptions.plan([
      "run": ["df", "-h"], "every": "5m", "timeout": "10s", "format": "json", "env": ["A": "b"],
      "cwd": "/tmp",
    ]).get()
    let expected = CommandPlan(
      run: ["df", "-h"],
      every: .seconds(300),
      timeout: .seconds(10),
      format: .json,
      environment: ["A": "b"],
      directory: "/tmp"
    )
    #expect(plan == expected)
  }
}
