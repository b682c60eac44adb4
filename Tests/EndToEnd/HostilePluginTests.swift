// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Processes
import Testing

/// Plugins that do what they must not, beside one that does what it should.
@Suite struct HostilePluginTests {
  /// What the plugin does with each request instead of answering it.
  private static let deeds = [
    "crash": "kill -SEGV $$", "flood": "yes | tr -d '\\n' | head -c 20000000", "nonsense": "echo nonsense",
    "hang": "trap '' TERM; sleep 1000", "deaf": "exec 0<&-; exec 1>&-; sleep 1000",
  ]

  @Test(arguments: deeds.keys.sorted()) func `harms neither the host nor another listener`(deed: String)
    async throws
  {
    let bench = try HostBench(
      rules: """
        listeners: { file: { with: { roots: ["ROOT"] } }, sick: { breaker: { failures: 1000 } } }
        rules:
          bad:
            trigger: { type: go }
            on_uncertain: retry
            actions:
              - { uses: sick.go, timeout: 200ms, retry: { attempts: 2, initial: 1ms, jitter: 0 } }
          good:
            trigger: { type: go }
            actions:
              - uses: file.append
                with: { path: "ROOT/ledger", content: "x" }
              - emit: { type: went }
        """
    )
    defer { bench.remove() }
    let hello = #"{"kind":"hello","protocol":1,"name":"sick","version":"1","actions":[{"name":"go"}]}"#
    try bench.add(
      plugin: "sick",
      script: """
        #!/bin/bash
        echo '\(hello)'
        while read -r line; do
          case "$line" in *'"kind":"run"'*) \(Self.deeds[deed] ?? "");; *'"kind":"stop"'*) exit 0;; esac
        done
        """
    )
    let host = try await HostProcess.start(in: bench)
    for _ in 0..<10 { try await bench.emit(#"{"type":"go"}"#) }
    try await bench.follow("went") { $0.count == 10 }
    #expect(try String(contentsOfFile: bench.work + "/ledger", encoding: .utf8) == "xxxxxxxxxx")
    let dead = try await bench.follow("earshot.delivery.dead") { $0.count == 10 }
    #expect(dead.allSatisfy { $0["data"]?["rule"]?.string == "bad" })
    #expect(await host.end(SIGTERM) == .exited(0))
  }
}
