// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import FaultTesting
import Processes
import Testing

/// Events whose action kills the host, among many that do no harm.
///
/// `EARSHOT_POISON` says how many.
@Suite struct PoisonTests {
  private static let rules = """
    listeners: { keen: { concurrency: 4 } }
    rules:
      work:
        trigger: { type: work }
        on_uncertain: retry
        actions:
          - uses: keen.go
            with: { deed: "${{ event.subject }}" }
            retry: { attempts: 50, initial: 1ms, jitter: 0 }
          - emit: { type: worked, subject: "${{ event.id }}" }
    """

  private static let plugin = """
    #!/bin/sh
    echo '{"kind":"hello","protocol":1,"name":"keen","version":"1","actions":[{"name":"go"}]}'
    while read -r line; do
      case "$line" in
      *'"deed":"poison"'*) kill -KILL $PPID;;
      *'"kind":"run"'*) id=${line#*'"id":'}; echo "{\\"kind\\":\\"ack\\",\\"id\\":${id%%,*}}";;
      *'"kind":"stop"'*) exit 0;;
      esac
    done
    """

  @Test func `an event that kills the host is given up after three deaths, and the others are done`()
    async throws
  {
    let poisons = FaultSize.of("EARSHOT_POISON", short: 2)
    let seed = FaultSize.seed()
    var random = SeededRandom(seed: seed)
    let subjects = (0..<poisons * 10).map { $0 < poisons ? "poison" : "food" }.shuffled(using: &random)
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    try bench.add(plugin: "keen", script: Self.plugin)
    let (host, deaths) = try await feed(subjects, to: bench)
    #expect((3...3 * poisons).contains(deaths))
    try await bench.emit(#"{"type":"work","id":"last","subject":"food"}"#)
    let last = try await bench.follow("worked") { $0.last?["subject"]?.string == "last" }
    let done = last.compactMap { $0["subject"]?.string }.filter { $0 != "last" }
    let harmless = subjects.indices.filter { subjects[$0] == "food" }.map { "\($0)" }
    #expect(done.sorted() == harmless.sorted(), "each of the others is done once")
    let dead = try await bench.follow("earshot.delivery.dead") { $0.count == poisons }
    let reason = "quarantined: the host has ended 3 times while it was under way"
    #expect(dead.allSatisfy { $0["data"]?["failure"]?.string == reason })
    let given = dead.compactMap { $0["causationid"]?.string }
    #expect(given.sorted() == subjects.indices.filter { subjects[$0] == "poison" }.map { "\($0)" }.sorted())
    #expect(await host.end(SIGTERM) == .exited(0))
    print(
      "poison events \(poisons), deaths \(deaths), given up \(dead.count), others done \(done.count), seed \(seed)"
    )
  }

  /// Sends the events and starts hosts until one of them lives and has done everything; says how many died.
  private func feed(_ subjects: [String], to bench: HostBench) async throws -> (HostProcess, Int) {
    let events = subjects.enumerated().map { #"{"type":"work","id":"\#($0)","subject":"\#($1)"}"# }
    var host = try await HostProcess.start(in: bench)
    // The host may die before it answers; the events are one transaction, in which the runs are begun too.
    let body = "[\(events.joined(separator: ","))]"
    _ = answer(of: bench, to: "POST /v1/events", "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    var deaths = 0
    while try await !isDone(bench) {
      #expect(await host.ended() == .signalled(SIGKILL))
      deaths += 1
      try #require(deaths <= 3 * subjects.count, "an event is not given up")
      host = try await HostProcess.launch(in: bench)
    }
    return (host, deaths)
  }

  /// Returns true once nothing is to be done any more, false once the host is dead.
  private func isDone(_ bench: HostBench) async throws -> Bool {
    let states = "queued,behind,pending,running,waiting"
    var text: String?
    let isDecided = try await eventually {
      text = answer(of: bench, to: "GET /v1/runs?limit=1&state=\(states)", "\r\n")
      return text?.hasPrefix("HTTP/1.1 200") != true || text?.contains("\r\n\r\n[]") == true
    }
    try #require(isDecided, "neither dead nor done")
    return text?.contains("\r\n\r\n[]") == true
  }

  /// What the host answers, as it comes; not by a client that waits for a host which is dead to come back.
  private func answer(of bench: HostBench, to request: String, _ rest: String) -> String? {
    guard let socket = try? EventSocket(bench.paths.controlSocket),
      socket.send("\(request) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(rest)")
    else { return nil }
    return socket.everything()
  }
}
