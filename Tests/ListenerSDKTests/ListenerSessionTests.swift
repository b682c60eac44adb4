// SPDX-License-Identifier: Apache-2.0

import EventModel
import ListenerSDK
import PluginWire
import Synchronization
import Testing

@Suite struct ListenerSessionTests {
  struct Greet: Action {
    let name: String
    let times: Int?

    func run(_ context: ActionContext) async throws -> ActionResult {
      switch name {
      case "later": throw ActionError.retry("not yet", after: .seconds(2))
      case "long": return .output(.string(String(repeating: "x", count: PluginWire.maximumLine)))
      case "never": throw ActionError.fail("no")
      case "wait":
        while !Task.isCancelled { await Task.yield() }
        throw CancellationError()
      default: break
      }
      context.progress()
      var result = ActionResult.emit(CloudEvent(type: "greeted", subject: name))
      result.output = .string("\(context.key) \(context.attempt) \(context.settings["tone"]?.string ?? "")")
      return result
    }
  }

  /// What a session with the one action answers to these lines.
  private func answers(_ lines: [HostMessage], cancel: UInt64? = nil) async throws -> [PluginMessage] {
    let sent = Mutex<[UInt8]>([])
    let session = ListenerSession(actions: [ActionDefinition("greet", Greet.self)]) { bytes in
      sent.withLock { $0 += bytes }
    }
    for message in lines { try session.receive(line: Self.line(message)) }
    if let cancel { try session.receive(line: Self.line(.cancel(id: cancel))) }
    await session.waitForOpenActions()
    let text = sent.withLock { $0 }
    return try text.split(separator: UInt8(ascii: "\n")).compactMap { try PluginMessage(line: Array($0)) }
  }

  private static func line(_ message: HostMessage) -> [UInt8] {
    var bytes: [UInt8] = []
    message.append(to: &bytes)
    return bytes.dropLast()
  }

  private static func request(_ with: String, action: String = "greet") -> HostMessage {
    .run(
      RunRequest(
        id: 7,
        action: action,
        key: "k",
        attempt: 2,
        timeout: 1000,
        rule: "r",
        with: Array(with.utf8),
        event: Array(#"{"type":"x"}"#.utf8)
      )
    )
  }

  @Test func `fails an action whose result is too long for a line`() async throws {
    let answers = try await answers([Self.request(#"{"name":"long"}"#)])
    guard case .reply(7, .fail(let message))? = answers.first else { throw ActionError.fail("no failure") }
    #expect(message.contains("too long"))
  }

  @Test func `answers with progress, output and events`() async throws {
    let start = HostMessage.start(settings: Array(#"{"tone":"kind"}"#.utf8), concurrency: 1)
    let event = Array(#"{"specversion":"1.0","type":"greeted","subject":"Ada"}"#.utf8)
    #expect(
      try await answers([start, Self.request(#"{"name":"Ada"}"#)]) == [
        .progress(id: 7), .reply(id: 7, .ack(output: Array(#""k 2 kind""#.utf8), emit: [event])),
      ]
    )
  }

  @Test(arguments: [
    (#"{"name":"later"}"#, RunReply.retry(message: "not yet", after: 2000)),
    (#"{"name":"never"}"#, .fail(message: "no")),
    (#"{}"#, .fail(message: "the parameters do not fit: 'name' is missing")),
    (#"{"name":5}"#, .fail(message: "the parameters do not fit: a text was expected for 'name'")),
    (
      #"{"name":"a","times":1.5}"#,
      .fail(message: "the parameters do not fit: a whole number was expected for 'times'")
    ),
  ])
  func `tells failures for now from failures for good`(with: String, reply: RunReply) async throws {
    #expect(try await answers([Self.request(with)]) == [.reply(id: 7, reply)])
  }

  @Test func `refuses an action that it does not have`() async throws {
    #expect(
      try await answers([Self.request("{}", action: "sing")]) == [
        .reply(id: 7, .fail(message: "there is no action 'sing'"))
      ]
    )
  }

  @Test func `cancels a run when the host asks for it`() async throws {
    #expect(
      try await answers([Self.request(#"{"name":"wait"}"#)], cancel: 7) == [
        .reply(id: 7, .retry(message: "cancelled", after: nil))
      ]
    )
  }

  @Test func `ignores kinds of messages that it does not know`() async throws {
    #expect(try HostMessage(line: Array(#"{"kind":"dance","id":1}"#.utf8)) == nil)
    #expect(throws: WireError.self) { try HostMessage(line: Array("dance".utf8)) }
  }
}
