// SPDX-License-Identifier: Apache-2.0

@_exported public import ListenerSDK
import Synchronization

// Theory of operation.
//
// A `ListenerTest` holds the conversation that the host would hold, over the same `ListenerSession` and in the same
// words, but within the test's own process. `ListenerConformance` asks what every listener must answer alike.
//
//     let kit = ListenerTest(Greeter.self)
//     let reply = try await kit.run("greet", ["name": "Ada"])
//     #expect(reply.output == "Hello, Ada!")
//
// An `AggregateTest` asks in the same way what an aggregate makes of events and commands.

/// Makes the attempts of a test, as the host would.
public struct ListenerTest: Sendable {
  private let actions: [ActionDefinition]
  private let settings: JSONValue

  /// The event of an attempt for which the test gives none.
  public static let event: JSONValue = [
    "specversion": "1.0", "id": "1", "source": "/test", "type": "test.happened", "data": [:],
  ]

  /// Makes a test of a listener that has these settings in the rule files.
  public init<Tested: Listener>(_ listener: Tested.Type, settings: JSONValue = [:]) {
    actions = listener.actions + listener.aggregates.map(\.action)
    self.settings = settings
  }

  init(actions: [ActionDefinition]) {
    self.actions = actions
    settings = [:]
  }

  /// Makes one attempt and waits for its reply; when the test's task is cancelled, so is the attempt.
  public func run(
    _ action: String,
    _ parameters: JSONValue = [:],
    event: JSONValue = Self.event,
    attempt: Int = 1,
    key: String = "key",
    rule: String = "rule"
  ) async throws -> ListenerReply {
    let request = RunRequest(
      id: 1,
      action: action,
      key: key,
      attempt: attempt,
      timeout: 60_000,
      rule: rule,
      with: Array(parameters.json.utf8),
      event: Array(event.json.utf8)
    )
    let said = Mutex<[UInt8]>([])
    let session = ListenerSession(actions: actions) { bytes in said.withLock { $0 += bytes } }
    try Self.tell(session, .start(settings: Array(settings.json.utf8), concurrency: 1))
    try Self.tell(session, .run(request))
    await withTaskCancellationHandler {
      await session.waitForOpenActions()
    } onCancel: {
      session.cancelAll()
    }
    return try ListenerReply(lines: said.withLock { $0 })
  }

  private static func tell(_ session: ListenerSession, _ message: HostMessage) throws {
    var line: [UInt8] = []
    message.append(to: &line)
    try session.receive(line: line.dropLast())
  }
}
