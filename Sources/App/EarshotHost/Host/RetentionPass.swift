// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import SQLiteLog

/// Lets a log forget what the settings say, once, a part at a time.
struct RetentionPass {
  private let log: SQLiteLog
  private let settings: HostSettings
  private let retention: Retention
  private let report: @Sendable (String) -> Void
  /// When the pass began: what reaches its age meanwhile is for the next one.
  private let now: Timestamp

  init(
    _ log: SQLiteLog,
    _ settings: HostSettings,
    isNew: Bool,
    report: @escaping @Sendable (String) -> Void
  ) throws {
    self.log = log
    self.settings = settings
    self.report = report
    now = log.clock.reading().civil
    retention = Retention(settings, types: try log.eventTypes(), isNew: isNew)
  }

  /// Forgets what has reached its age, and then what is too much.
  func run() async throws {
    if let keep = settings.keep { try await forget(before: firstYoung(keep)) { true } }
    for (type, keep) in retention.ageing { try await forget(type, before: firstYoung(keep)) }
    guard let size = settings.maxSize, try log.size() > size else { return }
    // A little more than must be, so that not every event makes another one go.
    let aim = size - size / 20
    try await forget(before: log.lastPosition()) { try log.size() > aim }
    try await shrink(to: aim)
  }

  /// How long it takes until another event has reached its age; nil when none will.
  func nextAge() throws -> Duration? {
    var waits: [Duration] = []
    if let keep = settings.keep, let event = try log.events(from: firstYoung(keep), limit: 1).entries.first {
      waits.append(event.recorded + keep - now)
    }
    for (type, keep) in retention.ageing {
      let page = try log.events(ofType: type, from: firstYoung(keep), limit: 1)
      if let event = page.entries.first { waits.append(event.recorded + keep - now) }
    }
    return waits.min().map { $0 - (log.clock.reading().civil - now) }
  }

  /// The first event that has not reached an age.
  private func firstYoung(_ keep: Duration) throws -> LogPosition {
    try log.firstPosition(from: now + (.zero - keep))
  }

  /// The first event that must stay since a window needs it, at most `position`.
  private func needed(_ position: LogPosition) throws -> LogPosition {
    min(position, try log.oldestInWindows() ?? position)
  }

  /// Forgets events before a position in their order, as long as more are to go.
  private func forget(before position: LogPosition, while isMore: () throws -> Bool) async throws {
    let wish = Pruning(before: try needed(position), keptTypes: retention.kept)
    var count = 0
    while try isMore() {
      let outcome = try await log.submit(LogChange(pruning: wish)).pruned
      count += outcome?.events ?? 0
      if outcome?.isDone ?? true { break }
    }
    tell(count, "")
  }

  /// Forgets events of a type before a position.
  private func forget(_ type: String, before position: LogPosition) async throws {
    var wish = Pruning(type: type, before: try needed(position))
    var count = 0
    while let outcome = try await log.submit(LogChange(pruning: wish)).pruned {
      count += outcome.events
      wish.after = outcome.seen
      if outcome.isDone { break }
    }
    tell(count, " of type \(type)")
  }

  private func tell(_ count: Int, _ what: String) {
    if count > 0 { report("\(count) old events\(what) are forgotten") }
  }

  /// Forgets events that are kept for longer than others, the oldest first, until the log is small enough.
  private func shrink(to size: Int) async throws {
    var wishes = Dictionary(
      uniqueKeysWithValues: try retention.lasting.map { type in
        (type, Pruning(type: type, before: try needed(log.lastPosition())))
      }
    )
    while try log.size() > size {
      let oldest = try wishes.values.compactMap { wish -> (wish: Pruning, position: LogPosition)? in
        let page = try log.events(ofType: wish.type ?? "", from: wish.after.next, limit: 1)
        return page.entries.first.map { (wish, $0.position) }
      }
      guard var (wish, _) = oldest.min(by: { $0.position < $1.position }), let type = wish.type,
        let outcome = try await log.submit(LogChange(pruning: wish)).pruned
      else { return }
      wish.after = outcome.seen
      wishes[type] = outcome.isDone ? nil : wish
    }
  }
}
