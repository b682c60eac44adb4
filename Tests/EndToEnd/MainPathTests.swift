// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import Processes
import Testing

/// The built program from an event to a listener's answer.
@Suite struct MainPathTests {
  @Test func `an event at the socket is answered after its commit and reaches its listener`() async throws {
    let bench = try HostBench(
      rules: """
        listeners: { file: { with: { roots: ["ROOT"] } } }
        rules:
          note:
            trigger: { type: order.*, match: { data: { total: [ { numeric: [">", 3] } ] } } }
            actions:
              - id: put
                uses: file.write
                with: { path: "ROOT/order", content: "total ${{ event.data.total }}" }
              - emit: { type: noted, data: { path: "${{ steps.put.output.path }}" } }
        """
    )
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let socket = try EventSocket(bench.paths.eventSocket)
    #expect(socket.send(#"{"type":"order.created","data":{"total":2}}"# + "\n" + #"{"type":1}"# + "\n"))
    #expect(socket.send(#"{"type":"order.created","data":{"total":5}}"# + "\n"))
    #expect(socket.answer()?.hasPrefix(#"{"position":"#) == true)
    #expect(socket.answer()?.hasPrefix(#"{"error":{"code":"event-bad-attribute""#) == true)
    #expect(socket.answer()?.hasPrefix(#"{"position":"#) == true)
    let noted = try await bench.follow("noted") { $0.count == 1 }
    #expect(noted.first?["data"]?["path"]?.string == bench.work + "/order")
    #expect(try String(contentsOfFile: bench.work + "/order", encoding: .utf8) == "total 5")
    #expect(try await bench.runs().count == 1)
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  @Test func `a listener in another language needs only the wire's document`() async throws {
    let bench = try HostBench(
      rules: """
        rules:
          greet:
            trigger: { type: hello }
            actions:
              - { id: g, uses: greeter.greet, with: { name: "${{ event.subject }}" } }
              - emit: { type: greeted, data: "${{ steps.g.output }}" }
        """
    )
    defer { bench.remove() }
    try bench.add(plugin: "greeter", script: try Self.pythonOfTheDocument(0))
    let host = try await HostProcess.start(in: bench)
    try await bench.emit(#"{"type":"hello","subject":"Ada"}"#)
    let greeted = try await bench.follow("greeted") { $0.count == 1 }
    #expect(greeted.first?["data"]?.string == "Hello, Ada!")
    await host.end(SIGTERM)
  }

  /// One of the plugins that the document shows, from 0.
  static func pythonOfTheDocument(_ number: Int) throws -> String {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Docs/PluginWire.md"
    )
    let text = try String(contentsOf: file, encoding: .utf8)
    let shown = text.split(separator: "```python\n").dropFirst().map { String($0) }
    try #require(shown.count > number)
    let end = try #require(shown[number].firstRange(of: "```"))
    return String(shown[number][..<end.lowerBound])
  }

  @Test func `a second host on the same state is turned away`() async throws {
    let bench = try HostBench(rules: "rules: {}")
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    let second = Program(path: HostBench.executable, arguments: ["run", bench.rules, "--state", bench.state])
    _ = try await SystemProcessStarter().start(second) { continuation.yield($0) }
    #expect(await exits.first { _ in true } == .exited(69))
    await host.end(SIGTERM)
  }

  @Test func `broken rules do not replace those that run, and sound ones do`() async throws {
    let rule = { (type: String) in
      "rules:\n  r:\n    trigger: { type: go }\n    actions: [ { emit: { type: \(type) } } ]\n"
    }
    let bench = try HostBench(rules: rule("first"))
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    try bench.write(rules: "rules: { r: { triger: {} } }")
    await #expect(throws: (any Error).self) { try await bench.client.post(["reload"]) }
    try await bench.emit(#"{"type":"go"}"#)
    try await bench.follow("first") { $0.count == 1 }
    try bench.write(rules: rule("second"))
    _ = try await bench.client.post(["reload"])
    try await bench.emit(#"{"type":"go"}"#)
    try await bench.follow("second") { $0.count == 1 }
    #expect(host.errors.contains("did you mean 'trigger'?"))
    await host.end(SIGTERM)
  }
}
