// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import FaultTesting
import Processes
import Testing

/// A host that starts with much to do: waiting runs, attempts that are overdue, windows that are overdue.
///
/// `EARSHOT_HERD` says how many runs wait.
@Suite struct HerdTests {
  private static let credit = 8
  private static let size = FaultSize.of("EARSHOT_HERD", short: 2000)
  private static let others = max(100, min(1000, size / 10))
  /// After how long what was begun is due; long enough for the first host to take everything.
  private static let span = size > 10_000 ? 20 : 2

  private static let rules = """
    listeners: { slow: { concurrency: \(credit), breaker: { failures: \(others + 1) } } }
    rules:
      again:
        trigger: { type: again }
        actions:
          - uses: slow.go
            with: { deed: again }
            retry: { attempts: 3, initial: \(span)s, jitter: 0 }
      herd:
        trigger: { type: herd }
        actions: { uses: slow.go, with: { deed: herd } }
      fresh:
        trigger: { type: fresh }
        actions: { uses: slow.go, with: { deed: "${{ event.subject }}" } }
      gather:
        trigger: { type: part }
        collect: { within: \(span)s, by: event.subject }
        actions: { emit: { type: whole, subject: "${{ event.subject }}" } }
    """

  /// A listener that has as many runs open as it is given.
  ///
  /// Answers the oldest when none comes any more; holds all for as long as there is no file `open`. Writes down in which
  /// order they come and how many were open at most.
  private static let plugin = """
    #!/usr/bin/env python3
    import json, os, select
    def say(**message): os.write(1, (json.dumps(message) + "\\n").encode())
    say(kind="hello", protocol=1, name="slow", version="1", actions=[{"name": "go", "effects": "idempotent"}])
    order = open("ROOT/order", "a", buffering=1)
    rest, held, peak, stopping = b"", [], 0, False
    while held or not stopping:
        patience = 0.001 if held and os.path.exists("ROOT/open") else None
        if not select.select([0], [], [], patience)[0]:
            say(kind="ack", id=held.pop(0))
            continue
        data = os.read(0, 65536)
        if not data: break
        *lines, rest = (rest + data).split(b"\\n")
        for message in map(json.loads, lines):
            if message["kind"] == "stop": stopping = True
            if message["kind"] != "run": continue
            deed = message["with"]["deed"]
            order.write(deed + "\\n")
            held.append(message["id"])
            if len(held) > peak:
                peak = len(held)
                with open("ROOT/peak", "w") as file: file.write(str(peak))
            if deed == "again" and message["attempt"] == 1:
                say(kind="retry", id=held.pop(), message="not yet")
    """

  @Test func `what waits is done with no more at once than may be, and what is new does not wait for it`()
    async throws
  {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    try bench.add(plugin: "slow", script: Self.plugin.replacing("ROOT", with: bench.work))
    let overdue = try await gather(bench)
    let before = try order(bench).count
    _ = FileManager.default.createFile(atPath: bench.work + "/open", contents: nil)
    let host = try await HostProcess.start(in: bench)
    let fresh = try await sendFresh(bench, after: before)
    let wholes = try await bench.follow("whole") { $0.count == Self.others }
    #expect(Set(wholes.compactMap { $0["subject"]?.string }).count == Self.others)
    let isDone = try await eventually(within: .seconds(60 + Self.size / 50)) {
      let states = "queued,behind,pending,running,waiting"
      return try await bench.client.query(["runs"], [("state", states), ("limit", "1")]) == []
    }
    #expect(isDone)
    let dead = try await bench.client.query(["runs"], [("state", "dead,uncertain"), ("limit", "1")])
    #expect(dead == [])
    let peak = try String(contentsOfFile: bench.work + "/peak", encoding: .utf8)
    #expect(peak == "\(Self.credit)", "at most \(Self.credit) runs at once")
    let counts = Dictionary(grouping: try order(bench)) { $0 }.mapValues(\.count)
    #expect(counts["again"] ?? 0 >= 2 * Self.others && counts["herd"] ?? 0 >= Self.size)
    print(
      "herd \(Self.size) runs, \(overdue) attempts and windows overdue: \(peak) at once at most; \(fresh)"
    )
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  /// Gives a host, which dies then, what the next one is to find; returns once it is due, with how much that is.
  private func gather(_ bench: HostBench) async throws -> Int {
    let host = try await HostProcess.start(in: bench)
    let socket = try EventSocket(bench.paths.eventSocket)
    #expect(socket.sendAll(Array(repeating: #"{"type":"again"}"#, count: Self.others)))
    // Before anything else is held there.
    try #require(try await eventually { try order(bench).count { $0 == "again" } >= Self.others })
    #expect(socket.sendAll(Array(repeating: #"{"type":"herd"}"#, count: Self.size)))
    #expect(socket.sendAll((0..<Self.others).map { #"{"type":"part","subject":"\#($0)"}"# }))
    await host.end(SIGKILL)
    guard case .array(let open) = try await bench.client.query(["pending"], [("limit", "10000")]) else {
      return 0
    }
    let due = ContinuousClock.now + .seconds(Self.span)
    #expect(try await eventually { ContinuousClock.now >= due })
    return open.count
  }

  /// Sends new events of another rule for the same listener while the herd waits, and says what became of them.
  private func sendFresh(_ bench: HostBench, after start: Int) async throws -> String {
    var overtaken = 0
    var longest = Duration.zero
    var witnessed = 0
    var waiting = Self.size
    // On a busy machine the herd may be done before all of them were sent.
    for number in 0..<10 where waiting > 0 {
      let name = "fresh-\(number)"
      #expect(try await eventually { try order(bench).count > start + 20 })
      let sent = ContinuousClock.now
      try await bench.emit(#"{"type":"fresh","subject":"\#(name)"}"#)
      let already = try order(bench).count
      var all: [Substring] = []
      #expect(
        try await eventually {
          all = try order(bench)
          return all.contains { $0 == name }
        }
      )
      longest = max(longest, .now - sent)
      let place = all.firstIndex { $0 == name } ?? .max
      waiting = Self.size - all[start..<place].count { $0 == "herd" }
      guard waiting > 0 else { break }
      witnessed += 1
      overtaken = max(overtaken, place - already)
    }
    #expect(overtaken <= 4 * Self.credit, "something new had to wait for \(overtaken) others")
    #expect(witnessed > 0, "the herd was done before something new came")
    return
      "\(witnessed) new ones wait for \(max(overtaken, 0)) others at most, \(longest / .milliseconds(1)) ms"
  }

  private func order(_ bench: HostBench) throws -> [Substring] {
    guard let data = FileManager.default.contents(atPath: bench.work + "/order") else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n")
  }
}
