// SPDX-License-Identifier: Apache-2.0

import EventModel
public import PluginWire
import Synchronization

/// The conversation of one listener with its host, line by line.
///
/// Safe to use from any thread; `send` may be called from any thread, one call at a time.
public final class ListenerSession: Sendable {
  private struct State {
    var settings: JSONValue = [:]
    var open: [UInt64: Task<Void, Never>] = [:]
    var isStopping = false
  }

  private let actions: [String: ActionDefinition]
  private let outbox: Outbox
  private let state = Mutex(State())

  /// Makes a session that answers through `send`, which takes whole lines with their line breaks.
  public init(actions: [ActionDefinition], send: @escaping @Sendable ([UInt8]) -> Void) {
    self.actions = Dictionary(actions.map { ($0.description.name, $0) }) { first, _ in first }
    outbox = Outbox(write: send)
  }

  /// Says what the listener is; comes before everything else.
  public func begin(_ description: PluginDescription) {
    outbox.send(.hello(description, version: PluginWire.version))
  }

  /// Takes one line of the host's, without its line break.
  public func receive(line: [UInt8]) throws {
    switch try HostMessage(line: line) {
    case .start(let settings, _):
      let value = (try? JSONValue(json: settings)) ?? [:]
      state.withLock { $0.settings = value }
    case .run(let request): run(request)
    case .cancel(let id): state.withLock { $0.open[id] }?.cancel()
    case .stop: state.withLock { $0.isStopping = true }
    case nil: break
    }
  }

  /// Whether the host has asked the listener to finish.
  public var isStopping: Bool { state.withLock { $0.isStopping } }

  /// Returns when no action is open.
  public func waitForOpenActions() async {
    while let task = state.withLock({ $0.open.values.first }) { await task.value }
  }

  /// Cancels every open action.
  public func cancelAll() {
    for task in state.withLock({ Array($0.open.values) }) { task.cancel() }
  }

  private func run(_ request: RunRequest) {
    state.withLock { state in
      let settings = state.settings
      // A task of its own for each request, so that `cancel` can reach it and slow ones hold up none.
      state.open[request.id] = Task {
        let reply = await self.reply(to: request, settings: settings)
        // Open until the answer is written: a listener that leaves waits for what is open.
        self.outbox.send(.reply(id: request.id, reply))
        self.state.withLock { $0.open[request.id] = nil }
      }
    }
  }

  private func reply(to request: RunRequest, settings: JSONValue) async -> RunReply {
    guard let action = actions[request.action] else {
      return .fail(message: "there is no action '\(request.action)'")
    }
    do {
      let context = ActionContext(
        event: try JSONDocument(request.event),
        key: request.key,
        attempt: request.attempt,
        rule: request.rule,
        isReplay: request.isReplay,
        settings: settings,
        reportProgress: { self.outbox.send(.progress(id: request.id)) }
      )
      let result = try await action.perform(JSONDocument(request.with).root, context)
      return try Self.success(result)
    } catch {
      return Self.failure(error)
    }
  }

  /// What is too long for a line would end the listener with everything else that it has open.
  private static func success(_ result: ActionResult) throws -> RunReply {
    let output = result.output.map(bytes)
    let events = result.events.map { bytes($0.json) }
    let size = events.reduce(output?.count ?? 0) { $0 + $1.count + 1 }
    guard size <= PluginWire.maximumLine - 1024 else {
      throw ActionError.fail("the result is too long for the host: \(size) bytes")
    }
    return .ack(output: output, emit: events)
  }

  private static func bytes(_ value: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    value.appendJSON(to: &bytes)
    return bytes
  }

  private static func failure(_ error: any Error) -> RunReply {
    switch error {
    case ActionError.retry(let message, let after):
      return .retry(message: message, after: after.map { Int64($0 / .milliseconds(1)) })
    case ActionError.fail(let message): return .fail(message: message)
    case DecodingError.typeMismatch(_, let context), DecodingError.keyNotFound(_, let context),
      DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context):
      return .fail(message: "the parameters do not fit: \(context.debugDescription)")
    case let error as JSONError: return .fail(message: "the request is broken: \(error)")
    case is CancellationError: return .retry(message: "cancelled", after: nil)
    default: return .retry(message: "\(error)", after: nil)
    }
  }
}
