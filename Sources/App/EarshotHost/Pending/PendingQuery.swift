// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules

/// Lists what waits, that which is due first at the front.
struct PendingQuery: Sendable {
  let log: any LogReading
  /// When a window is due, in steady time.
  let deadline: @Sendable (StoredWindow) -> Timestamp

  /// Asks a log that no host looks after: of windows it only knows a time before which they are not due.
  init(_ log: any LogReading) { self.init(log) { $0.due } }

  init(_ log: any LogReading, deadline: @escaping @Sendable (StoredWindow) -> Timestamp) {
    self.log = log
    self.deadline = deadline
  }

  /// Items of one rule or all; `all` counts in windows that only remember what has passed already.
  func items(rule: String?, all: Bool, limit: Int) throws -> [PendingItem] {
    let difference = try log.clockReading()?.difference ?? .zero
    var items = try windows(rule, all, limit).compactMap { window in
      PendingItem(window, due: deadline(window) + difference)
    }
    let retries = try log.dueRuns(at: Timestamp(seconds: .max >> 24), limit: limit)
    let runs = try retries + log.runsInWait(limit: limit)
    for run in runs where rule == nil || run.rule == rule {
      let due = run.due.map { $0 + difference }
      let isAwaiting = try run.state == .waiting && log.isAwaiting(run.id)
      let asks = isAwaiting ? try log.history(of: run.id, limit: 1).first?.result : nil
      items.append(PendingItem(run, due: due, isAwaiting: isAwaiting, asks: asks))
    }
    let far = Timestamp(seconds: .max >> 2)
    return Array(items.sorted { ($0.due ?? far) < ($1.due ?? far) }.prefix(limit))
  }

  private func windows(_ rule: String?, _ all: Bool, _ limit: Int) throws -> [StoredWindow] {
    let owners = try log.windowCounts().keys.compactMap(WindowOwner.init(name:)).filter { owner in
      guard rule == nil || owner.rule == rule else { return false }
      return all || owner.isDelay || owner.kind != .throttle && owner.kind != .dedupe
    }
    return try owners.flatMap { try log.windows(of: $0.name, limit: limit) }
  }
}
