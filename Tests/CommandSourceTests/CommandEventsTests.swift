// SPDX-License-Identifier: Apache-2.0

import CommandSource
import DurableLog
import EventModel
import EventSources
import Foundation
import ManualClock
import Processes
import Testing

/// Real commands into the log's reference.
@Suite struct CommandEventsTests {
  /// The events of a command's first run, until it has exited.
  private func events(_ script: String, format: String = "lines", options: [JSONValue.Member] = [])
    async throws
    -> [JSONView]
  {
    let log = InMemoryLog(clock: SystemClock())
    let (commits, continuation) = AsyncStream.makeStream(of: [String?].self)
    log.start(router: NoRuns(), observer: Observer { continuation.yield($0) })
    let given: [JSONValue.Member] = [
      .init("run", ["/bin/sh", "-c", .string(script)]), .init("every", "1h"),
      .init("format", .string(format)),
    ]
    let plan = try CommandOptions.plan(.object(given + options)).get()
    let source = CommandEvents(plan, starter: SystemProcessStarter(), environment: ["PATH": "/usr/bin:/bin"])
    let running = Task {
      try await source.run(
        SourceContext(
          name: "c",
          sink: Sink(log: log),
          checkpoint: log.checkpoint(of: "c"),
          clock: SystemClock(),
          ready: {}
        )
      )
    }
    _ = await commits.first { $0.contains("command.exited") }
    running.cancel()
    _ = try? await running.value
    let page = try log.events(from: .start, limit: 10_000)
    return try page.entries.indices.map { try JSONDocument(Array(page.json($0))).root }
  }

  private struct NoRuns: EventRouter {
    func route(_ events: EventBatch, outcomes: [AppendOutcome]) -> [NewRun] { [] }
    func rolledBack() {}
  }

  private struct Observer: CommitObserver {
    let heard: @Sendable ([String?]) -> Void
    func committed(_ commit: Commit) {
      heard(commit.events.entries.indices.map { commit.events.type($0) })
    }
  }

  private struct Sink: EventSink {
    let log: InMemoryLog
    func append(
      _ batch: SourceBatch,
      completion: @escaping @Sendable (Result<[AppendOutcome], any Error>) -> Void
    ) {
      log.submit(LogChange(events: batch.events)) { completion($0.map(\.outcomes).mapError { $0 }) }
    }
  }

  @Test func `each line is an event, and the end is one too`() async throws {
    let found = try await events("echo one; printf two; exit 3")
    #expect(found.map { $0["type"]?.string } == ["command.output", "command.output", "command.exited"])
    #expect(found.map { $0["data"]?["line"]?.string } == ["one", "two", nil])
    #expect(found.last?["data"]?["status"]?.int == 3)
    #expect(found.allSatisfy { $0["source"]?.string == "c" })
  }

  @Test func `lines of JSON are events, and what is none says why`() async throws {
    let found = try await events(#"echo '{"type":"mine"}'; echo nonsense"#, format: "json")
    #expect(found.map { $0["type"]?.string } == ["mine", "command.output", "command.exited"])
    #expect(found[1]["data"]?["error"]?.string?.contains("json-") == true)
  }

  @Test func `a long line is cut, and much output arrives whole`() async throws {
    let long = try await events("head -c 100000 /dev/zero | tr '\\0' x")
    #expect(long[0]["data"]?["line"]?.string?.count == 65_536 && long[0]["data"]?["truncated"]?.bool == true)
    let many = try await events("seq 1 5000")
    #expect(many.dropLast().map { $0["data"]?["line"]?.string } == (1...5000).map { "\($0)" })
  }

  @Test func `a run that takes too long is ended`() async throws {
    let found = try await events("exec sleep 1000", options: [.init("timeout", "20ms")])
    #expect(found.last?["data"]?["signal"]?.int == Int(SIGTERM))
  }

  @Test(arguments: [
    (#"{"run":[]}"#, "command-run"), (#"{"run":["a"],"every":"often"}"#, "command-every"),
    (#"{"run":["a"],"env":{"LD_PRELOAD":"x"}}"#, "command-env"), (#"{"run":["a\u0000"]}"#, "command-run"),
    (#"{"run":["a"],"timeout":"0s"}"#, "command-timeout"),
    (#"{"run":["a"],"restart":"x"}"#, "command-restart"),
  ])
  func `says what is wrong with options`(options: String, code: String) throws {
    guard case .failure(let found) = CommandOptions.plan(try JSONValue(json: Array(options.utf8))) else {
      Issue.record("the options were taken")
      return
    }
    #expect(found.problems.map(\.code) == [code])
  }
}
