// SPDX-License-Identifier: Apache-2.0

import PluginWire
import Testing

@Suite struct PluginMessageTests {
  private static let plugin = PluginDescription(
    name: "email",
    version: "2.1",
    actions: [
      ActionDescription(
        name: "send",
        summary: "Sends \"a\" mail.",
        parameters: .object([.init("to", .list(.string(allowed: [])), isRequired: true, summary: "Who.")]),
        effects: .irreversible
      )
    ]
  )

  @Test(arguments: [
    PluginMessage.hello(plugin, version: 1),
    .progress(id: 0),
    .reply(id: 3, .ack(output: nil, emit: [])),
    .reply(id: 3, .ack(output: Array(#"{"a":[1,2]}"#.utf8), emit: [Array("{}".utf8), Array("{}".utf8)])),
    .reply(id: 4, .retry(message: "line\nbreak", after: 1500)),
    .reply(id: 4, .retry(message: "", after: nil)),
    .reply(id: 0, .ack(output: nil, emit: [])), .reply(id: 1_234_567_890, .ack(output: nil, emit: [])),
    .reply(id: 5, .fail(message: "ä \u{7}")),
  ])
  func `is one line and reads back as written`(message: PluginMessage) throws {
    var bytes: [UInt8] = []
    message.append(to: &bytes)
    #expect(bytes.lastIndex(of: 10) == bytes.count - 1 && bytes.firstIndex(of: 10) == bytes.count - 1)
    #expect(try PluginMessage(line: bytes.dropLast()) == message)
  }

  @Test(arguments: [
    "", "[", #"{"kind":"ack"}"#, #"{"kind":"ack","id":}"#, #"{"kind":"ack","id":01}"#,
    #"{"kind":"ack","id":-1}"#, #"{"kind":"ack","id":"x"}"#,
    #"{"kind":"hello","name":"x"}"#, "{\"kind\":\"ack\",\"id\":1}{}", "\u{FEFF}{}",
  ])
  func `refuses a line that breaks the protocol`(line: String) {
    #expect(throws: WireError.self) { try PluginMessage(line: Array(line.utf8)) }
  }

  @Test func `refuses a line that nests too deep`() {
    let line = #"{"kind":"ack","id":1,"output":"# + String(repeating: "[", count: 100_000)
    #expect(throws: WireError.self) { try PluginMessage(line: Array(line.utf8)) }
  }
}

@Suite struct LineSplitterTests {
  private func lines(_ pieces: [String], limit: Int = 10) throws -> [String] {
    var splitter = LineSplitter(limit: limit)
    var lines: [String] = []
    for piece in pieces {
      try Array(piece.utf8).withUnsafeBytes { bytes in
        try splitter.append(bytes) { lines.append(String(decoding: $0, as: UTF8.self)) }
      }
    }
    return lines
  }

  @Test func `joins pieces to lines wherever they are cut`() throws {
    #expect(try lines(["a\nbc", "d\n", "\ne"]) == ["a", "bcd", ""])
    #expect(try lines(["ab", "cd", "ef\ng\n"]) == ["abcdef", "g"])
  }

  @Test func `refuses a line that is too long as soon as that is clear`() throws {
    #expect(try lines(["1234567890\n"]) == ["1234567890"])
    #expect(throws: LineSplitter.LineTooLong.self) { try lines(["12345", "678901"]) }
    #expect(throws: LineSplitter.LineTooLong.self) { try lines(["12345678901\n"]) }
  }
}
