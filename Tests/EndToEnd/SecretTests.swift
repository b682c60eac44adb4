// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Processes
import Testing

/// A secret goes to the listener that is to have it, and nowhere else.
@Suite struct SecretTests {
  private static let secret = "correct-horse/battery \"staple\""

  @Test func `a secret reaches a listener and is found nowhere on disk, whatever the listener says`()
    async throws
  {
    let bench = try HostBench(
      rules: """
        rules:
          call:
            trigger: { type: go }
            actions:
              - { id: tell, uses: tell.go, with: { token: "${{ secret('TOKEN') }}" } }
              - { emit: { type: told, data: { answer: "${{ steps.tell.output }}" } } }
          fail:
            trigger: { type: go }
            actions: { uses: tell.go, with: { number: "${{ int(secret('TOKEN')) }}" } }
        """
    )
    defer { bench.remove() }
    let hello = #"{"kind":"hello","protocol":1,"name":"tell","version":"1","actions":[{"name":"go"}]}"#
    // Writes down what it was given, shouts it on standard error, and gives it back as it is and in base64.
    try bench.add(
      plugin: "tell",
      script: """
        #!/bin/bash
        echo '\(hello)'
        while read -r line; do
          case "$line" in *'"kind":"run"'*)
            echo "$line" > \(bench.work)/given
            echo "$line" >&2
            id=$(sed 's/.*"id":\\([0-9]*\\),"action".*/\\1/' <<<"$line")
            token=$(sed 's/.*"token":"\\(.*\\)"}.*/\\1/; s/"},.*//' <<<"$line")
            coded=$(printf '%s' "$token" | sed 's/\\\\//g' | base64 -w0)
            echo "{\\"kind\\":\\"ack\\",\\"id\\":$id,\\"output\\":[\\"$token\\",\\"$coded\\"]}";;
          *'"kind":"stop"'*) exit 0;; esac
        done
        """
    )
    let host = try await HostProcess.start(in: bench, adding: ["EARSHOT_SECRET_TOKEN": Self.secret])
    try await bench.emit(#"{"type":"go"}"#)
    let told = try await bench.follow("told") { $0.count == 1 }
    #expect(told.first?["data"]?["answer"] == ["[secret TOKEN]", "[secret TOKEN]"])
    try await bench.follow("earshot.delivery.dead") { $0.count == 1 }
    #expect(await host.end(SIGTERM) == .exited(0))
    let given = try String(contentsOfFile: bench.work + "/given", encoding: .utf8)
    #expect(given.contains(#"correct-horse/battery \"staple\""#))
    #expect(host.errors.contains("[secret TOKEN]"))
    let needle = Data("correct-horse".utf8)
    for name in try FileManager.default.contentsOfDirectory(atPath: bench.state) {
      let data = FileManager.default.contents(atPath: bench.state + "/" + name) ?? Data()
      #expect(data.range(of: needle) == nil, "\(name)")
    }
    #expect(!host.errors.contains("correct-horse"))
  }

  @Test func `secrets that others can read keep the host from starting`() async throws {
    let bench = try HostBench(rules: "rules: {}")
    defer { bench.remove() }
    try FileManager.default.createDirectory(
      atPath: bench.work + "/earshot/secrets",
      withIntermediateDirectories: true
    )
    try "hunter22\n".write(toFile: bench.work + "/earshot/secrets/TOKEN", atomically: true, encoding: .utf8)
    let run = try await CommandLineRun(
      ["run", bench.rules, "--state", bench.state],
      adding: ["XDG_CONFIG_HOME": bench.work]
    )
    #expect(run.status == 78)
  }
}
