// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel

/// Does with what waits as a person wishes.
struct PendingControl: Sendable {
  /// What may be done.
  enum Verb: String, Sendable {
    /// It goes on now.
    case fire
    /// It goes on later.
    case extend
    /// It does not go on.
    case cancel
  }

  let log: any DurableLog
  let dispatcher: Dispatcher

  /// Does it, and gives the item as it was before.
  ///
  /// - Throws: `LogQueries.Refusal`.
  func change(_ name: String, _ verb: Verb, by duration: Duration?) async throws -> JSONValue {
    guard let id = PendingItem.ID(name) else {
      throw LogQueries.Refusal(isMissing: false, description: "'\(name)' is not an id such as w5 or r7")
    }
    if verb == .extend, duration == nil {
      throw LogQueries.Refusal(isMissing: false, description: "by how much? give a duration such as 5m")
    }
    switch id {
    case .window(let number): return try await change(window: number, name, verb, duration ?? .zero)
    case .run(let run): return try await change(run: run, name, verb, duration ?? .zero)
    }
  }

  private func change(window number: Int64, _ name: String, _ verb: Verb, _ duration: Duration) async throws
    -> JSONValue
  {
    guard let window = try log.window(number),
      let item = PendingItem(window, due: dispatcher.deadline(of: window) + log.clock.reading().difference)
    else { throw missing(name) }
    if verb == .fire, !dispatcher.firesByTime(window) {
      let description = "a \(item.kind) does not fire by itself; cancel it to have it forgotten"
      throw LogQueries.Refusal(isMissing: false, description: description)
    }
    let wish: WindowWish =
      switch verb {
      case .fire: .fire(number)
      case .extend: .extend(number, by: duration)
      case .cancel: .cancel(number)
      }
    guard try await dispatcher.grant([wish]) == [true] else { throw missing(name) }
    return item.json
  }

  private func change(run id: RunID, _ name: String, _ verb: Verb, _ duration: Duration) async throws
    -> JSONValue
  {
    guard let run = try log.run(id) else { throw missing(name) }
    let isDone =
      switch verb {
      case .fire: try await dispatcher.wake([run])
      case .extend: try await dispatcher.postpone([(run, (run.due ?? log.clock.now()) + duration)])
      case .cancel: try await dispatcher.cancel([run])
      }
    guard isDone == [true] else {
      let description = "run \(id.rawValue) is \(run.state.name), which does not allow that"
      throw LogQueries.Refusal(isMissing: false, description: description)
    }
    return PendingItem(run, due: run.due.map { $0 + log.clock.reading().difference }).json
  }

  private func missing(_ name: String) -> LogQueries.Refusal {
    LogQueries.Refusal(isMissing: true, description: "nothing that waits is called '\(name)'")
  }
}
