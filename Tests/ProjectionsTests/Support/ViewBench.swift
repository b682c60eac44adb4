// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import LogConformance
import Rules
import Synchronization

@testable import Projections

/// A log in memory, and the database of the views of one test.
final class ViewBench: Sendable {
  let folder: String
  let clock = VirtualClock()
  let log: InMemoryLog
  private let said = Mutex<[String]>([])

  init() throws {
    folder = NSTemporaryDirectory() + "earshot-views-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    log = InMemoryLog(clock: clock)
    log.start(router: NoRuns(), observer: NoRuns())
  }

  /// Another log beside the same database.
  init(at folder: String, startingAt start: Timestamp) {
    self.folder = folder
    log = InMemoryLog(clock: VirtualClock(start))
    log.start(router: NoRuns(), observer: NoRuns())
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  var path: String { folder + "/views.sqlite" }
  var reader: ViewReader { ViewReader(path: path, clock: clock) }
  /// What people were told.
  var lines: [String] { said.withLock { $0 } }
  var report: @Sendable (String) -> Void { { [self] line in said.withLock { $0.append(line) } } }

  /// Appends an event with some data and gives its position.
  @discardableResult
  func append(_ type: String, _ data: JSONValue = [:], time: String? = nil) async throws -> LogPosition {
    var intake = EventIntake(defaultSource: "shop", clock: clock)
    var batch = EventBatch()
    var event = CloudEvent(type: type, data: data)
    event.time = time ?? event.time
    try intake.append(event, to: &batch)
    let outcomes = try await log.submit(LogChange(events: batch)).outcomes
    guard case .appended(let position)? = outcomes.first else { throw CancellationError() }
    return position
  }

  func keeper() -> ViewKeeper { ViewKeeper(path: path, log: log, clock: clock, report: report) }

  func worker(_ views: [ViewDefinition], batch: ViewWorker.Batch = .init()) throws -> ViewWorker {
    let (database, _) = try ViewDatabase.open(path)
    let worker = try ViewWorker(database, log: log, batch: batch, followers: ViewFollowers(), report: report)
    try worker.use(views)
    return worker
  }

  /// The rows of a view as JSON by their keys.
  func rows(_ view: String) throws -> [String] { try reader.rows(of: view, limit: 10_000).rows.map(\.json) }
}
