// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import SocketSource
import Testing

@Suite struct SocketAnswerTests {
  @Test func `answers each line in its order`() async throws {
    let sink = LogSink()
    try await withSource(sink) { path in
      let client = try SocketClient(path)
      try client.send(
        """
        {"type":"a","id":"1"}

        {"type":"b",}
        {"type":"a","id":"1"}
         \t\r
        {"type":"c"}\r
        {"nothing":1}

        """
      )
      client.endInput()
      let lines = try await onThread { client.allLines() }
      #expect(lines.count == 5)
      #expect(lines[0] == #"{"position":1}"#)
      #expect(lines[1].hasPrefix(#"{"error":{"code":"json-syntax","message":""#))
      #expect(lines[1].hasSuffix(#","offset":12}}"#))
      #expect(lines[2] == #"{"duplicate":1}"#)
      #expect(lines[3] == #"{"position":2}"#)
      #expect(lines[4].hasPrefix(#"{"error":{"code":"event-missing-attribute""#))
    }
    let page = try sink.log.events(from: .start, limit: 10)
    let event = try CloudEvent(canonical: Array(page.json(0)))
    #expect(event.source == "events" && event.type == "a")
  }

  @Test func `takes ten thousand lines in one go`() async throws {
    let sink = GatedSink(isOpen: true)
    try await withSource(sink) { path in
      let client = try SocketClient(path)
      let text = (0..<10_000).map { #"{"type":"a","data":{"n":\#($0)}}"# }.joined(separator: "\n") + "\n"
      async let sent: Void = onThread { try client.send(text) }
      let lines = try await onThread { client.lines(10_000) }
      try await sent
      #expect(lines == (1...10_000).map { #"{"position":\#($0)}"# })
      #expect(sink.largest > 1)
    }
  }

  @Test func `keeps the order when batches are committed in another one`() async throws {
    let sink = GatedSink(isOpen: false)
    try await withSource(sink) { path in
      let client = try SocketClient(path)
      let event = #"{"type":"a","data":"\#(String(repeating: "x", count: 50_000))"}"# + "\n"
      async let sent: Void = onThread { for _ in 0..<8 { try client.send(event + "x\n") } }
      try await sent
      while sink.count < 8 { await Task.yield() }
      sink.open()
      let lines = try await onThread { client.lines(16) }
      #expect(stride(from: 0, to: 16, by: 2).map { lines[$0] } == (1...8).map { #"{"position":\#($0)}"# })
      #expect(stride(from: 1, to: 16, by: 2).allSatisfy { lines[$0].contains("json-syntax") })
    }
  }

  @Test func `refuses a giant line and goes on after it`() async throws {
    try await withSource(GatedSink(isOpen: true)) { path in
      let client = try SocketClient(path)
      let fits = #"{"type":"a","data":"\#(String(repeating: "x", count: (1 << 20) - 22))"}"#
      #expect(fits.utf8.count == 1 << 20)
      let tooLong = String(repeating: "y", count: 3 << 20)
      try await onThread { try client.send(fits + "\n" + tooLong + "\n" + #"{"type":"b"}"# + "\n") }
      let lines = try await onThread { client.lines(3) }
      #expect(
        lines == [
          #"{"position":1}"#,
          #"{"error":{"code":"json-too-large","message":"the text exceeds 1048576 bytes","offset":1048576}}"#,
          #"{"position":2}"#,
        ]
      )
    }
  }

  @Test func `answers a last line without an end after the input is closed`() async throws {
    let sink = GatedSink(isOpen: false)
    try await withSource(sink) { path in
      let client = try SocketClient(path)
      try client.send("{\"type\":\"a\"}\n{\"type\":\"b\"}")
      client.endInput()
      while sink.count < 2 { await Task.yield() }
      sink.open()
      #expect(try await onThread { client.allLines() } == [#"{"position":1}"#, #"{"position":2}"#])
    }
  }

  @Test func `says why the log did not take an event`() async throws {
    try await withSource(GatedSink(isOpen: true, failure: LogFailure(.full, "the disk is full"))) { path in
      let client = try SocketClient(path)
      try client.send("{\"type\":\"a\"}\n")
      let lines = try await onThread { client.lines(1) }
      #expect(lines == [#"{"error":{"code":"log-full","message":"the disk is full"}}"#])
    }
  }

  @Test func `a client that left does not disturb the others`() async throws {
    let sink = GatedSink(isOpen: false)
    try await withSource(sink) { path in
      var gone: SocketClient? = try SocketClient(path)
      try gone?.send("{\"type\":\"a\"}\n")
      while sink.count < 1 { await Task.yield() }
      gone = nil
      let client = try SocketClient(path)
      try client.send("{\"type\":\"b\"}\n")
      while sink.count < 2 { await Task.yield() }
      sink.open()
      #expect(try await onThread { client.lines(1) } == [#"{"position":2}"#])
    }
  }
}
