// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Synchronization

/// Somebody who waits until views have come to a position.
struct ViewWaiter {
  let views: Set<String>
  let position: LogPosition
  let continuation: CheckedContinuation<Result<Void, ViewFailure>, Never>

  /// What the waiter is told; nil as long as the views are on their way.
  func outcome(_ statuses: [ViewStatus]) -> Result<Void, ViewFailure>? {
    let behind = statuses.filter { views.contains($0.name) && $0.position < position }
    if behind.isEmpty { return .success(()) }
    guard let stopped = behind.first(where: { $0.state == .stopped }) else { return nil }
    return .failure(ViewFailure(.stopped, stopped.stopText))
  }
}

extension ViewFailure {
  /// That to fold the log up to an earlier position takes longer than it may.
  public static func tooLong(at position: LogPosition, of end: LogPosition) -> ViewFailure {
    ViewFailure(.time, "the answer takes too long: \(position) of \(end) events are folded")
  }

  /// That nobody brings a view to a position.
  public static func behind(_ status: ViewStatus, _ position: LogPosition) -> ViewFailure {
    let message = "the view '\(status.name)' is at position \(status.position), not at \(position)"
    return ViewFailure(.behind, message + ", and no host is running")
  }
}

extension ViewStatus {
  /// Why the view goes no further.
  var stopText: String {
    let error = lastError.map { " before the event at position \($0.position): \($0.message)" } ?? ""
    return "the view '\(name)' has stopped" + error
  }
}

extension ViewKeeper {
  /// Returns once views have folded the events up to a position.
  ///
  /// - Throws: `ViewFailure` when one of them cannot, or when `limit` has passed or the task was cancelled.
  public func wait(for views: Set<String>, at position: LogPosition, within limit: Duration)
    async throws(ViewFailure)
  {
    let result = await withTaskGroup(of: Result<Void, ViewFailure>.self) { group in
      // The first of the two that ends decides, and the other one is cancelled.
      group.addTask { await self.outcome(views, position) }
      // See above.
      group.addTask { [clock] in
        try? await clock.sleep(for: limit)
        return .failure(ViewFailure(.behind, "the views have not come to position \(position) in time"))
      }
      let first = await group.next()
      group.cancelAll()
      return first ?? .success(())
    }
    try result.get()
  }

  private func outcome(_ views: Set<String>, _ position: LogPosition) async -> Result<Void, ViewFailure> {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waiter = ViewWaiter(views: views, position: position, continuation: continuation)
        let result: Result<Void, ViewFailure>? = state.withLock { state in
          if Task.isCancelled || state.isClosing {
            return .failure(ViewFailure(.closed, "nobody waits any more"))
          }
          if let failure = state.failure { return .failure(failure) }
          if let result = waiter.outcome(state.statuses) { return result }
          state.waiters[id] = waiter
          return nil
        }
        if let result { continuation.resume(returning: result) }
      }
    } onCancel: {
      let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
      waiter?.continuation.resume(returning: .failure(ViewFailure(.closed, "nobody waits any more")))
    }
  }
}
