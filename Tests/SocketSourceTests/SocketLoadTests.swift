// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SocketSource
import Testing

@Suite(.serialized) struct SocketLoadTests {
  @Test func `serves a thousand clients at once`() async throws {
    let sink = GatedSink(isOpen: false)
    try await withSource(sink) { path in
      let clients = try await onThread { try (0..<1000).map { _ in try SocketClient(path) } }
      for client in clients { try client.send("{\"type\":\"a\"}\n") }
      while sink.count < 1000 { await Task.yield() }
      sink.open()
      let answers = try await onThread { clients.flatMap { $0.lines(1) } }
      #expect(Set(answers) == Set((1...1000).map { #"{"position":\#($0)}"# }))
    }
  }

  @Test func `reads no more from a client while its events are under way`() async throws {
    let sink = GatedSink(isOpen: false)
    let limits = SocketLimits(bytesInFlight: 256 << 10, batchesInFlight: 4)
    try await withSource(sink, limits: limits) { path in
      let client = try SocketClient(path)
      let line = Array("{\"type\":\"a\"}\n".utf8)
      let sent = try await onThread { client.stuff(line, upTo: 32 << 20) }
      #expect(sent < 2 << 20)
      #expect(sink.waiting <= 4)
      sink.open()
      let whole = sent / line.count
      let lines = try await onThread { client.lines(whole) }
      #expect(lines == (1...whole).map { #"{"position":\#($0)}"# })
    }
  }

  @Test(arguments: ["{\"type\":\"a\"}\n", "x\n"]) func `reads no more from a client that does not read`(
    line: String
  ) async throws {
    try await withSource(GatedSink(isOpen: true)) { path in
      let client = try SocketClient(path)
      let sent = try await onThread { client.stuff(Array(line.utf8), upTo: 32 << 20) }
      #expect(sent < 4 << 20)
      let whole = sent / line.utf8.count
      #expect(try await onThread { client.lines(whole) }.count == whole)
    }
  }
}

@Suite struct SocketEndTests {
  @Test func `turns strangers away`() async throws {
    let sink = GatedSink(isOpen: true)
    try await withSource(sink, isAllowed: { _ in false }) { path in
      let client = try SocketClient(path)
      #expect(try await onThread { client.allLines() } == [String(PeerCheck.eventRefusal.dropLast())])
    }
    #expect(sink.count == 0)
  }

  @Test func `answers what is under way before it ends`() async throws {
    let sink = GatedSink(isOpen: false)
    try await withFolder { folder in
      let path = folder + "/events.sock"
      let (ready, signal) = AsyncStream<Void>.makeStream()
      // Cancelled below; its end is what the test is about.
      let running = Task { try await SocketEvents(path: path).run(context(sink) { signal.yield() }) }
      for await _ in ready { break }
      let client = try SocketClient(path)
      try client.send("{\"type\":\"a\"}\n{\"type\":\"b\"}\n{\"type\":")
      while sink.count < 2 { await Task.yield() }
      running.cancel()
      while access(path, F_OK) == 0 { await Task.yield() }
      sink.open()
      #expect(try await onThread { client.allLines() } == [#"{"position":1}"#, #"{"position":2}"#])
      try await running.value
    }
  }

  @Test func `cuts what needs too long at the end`() async throws {
    let sink = GatedSink(isOpen: false)
    try await withSource(sink, limits: SocketLimits(grace: .milliseconds(20))) { path in
      let client = try SocketClient(path)
      try client.send("{\"type\":\"a\"}\n")
      while sink.count < 1 { await Task.yield() }
    }
  }
}
