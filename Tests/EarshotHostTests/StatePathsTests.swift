// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import Testing

@Suite struct StatePathsTests {
  @Test func `keeps everything in the given directory`() {
    let paths = StatePaths(
      stateOption: "s",
      environment: ["XDG_RUNTIME_DIR": "/run/u"],
      workingDirectory: "/w"
    )
    #expect(paths.log == "/w/s/earshot.db")
    #expect(paths.eventSocket == "/w/s/events.sock")
  }

  @Test func `follows the base directory specification`() {
    let paths = StatePaths(
      stateOption: nil,
      environment: ["HOME": "/home/a", "XDG_RUNTIME_DIR": "/run/user/7"],
      workingDirectory: "/w"
    )
    #expect(paths.state == "/home/a/.local/state/earshot")
    #expect(paths.controlSocket == "/run/user/7/earshot/control.sock")
  }

  @Test func `ignores relative paths in the environment and falls back to the state directory`() {
    let paths = StatePaths(
      stateOption: nil,
      environment: ["HOME": "/home/a", "XDG_STATE_HOME": "x", "XDG_RUNTIME_DIR": "run"],
      workingDirectory: "/w"
    )
    #expect(paths.sockets == "/home/a/.local/state/earshot")
  }
}
