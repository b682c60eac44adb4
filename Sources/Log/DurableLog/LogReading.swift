// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources

/// What can be asked of a log.
///
/// Every answer is of whole commits. Safe to use from any thread, beside the log's writer.
public protocol LogReading: Sendable {
  /// Events from a position on, ascending, at most `limit` of them; none only when there is none (`EventPage.isFull`).
  func events(from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage

  /// Events of one type from a position on, ascending, at most `limit` of them, without a look at the others; none only
  /// when there is none.
  func events(ofType type: String, from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage

  /// The last events before a position, of one type if it is given, without a look at the others; ascending, at most
  /// `limit` of them.
  func events(ofType type: String?, before position: LogPosition, limit: Int) throws(LogFailure) -> EventPage

  /// The types of which there are events, in the order of their bytes.
  func eventTypes() throws(LogFailure) -> [String]

  /// The positions of the events with an id, ascending: it is unique together with the source only.
  func positions(ofID id: String) throws(LogFailure) -> [LogPosition]

  /// The position of the event with this source and id.
  func position(source: String, id: String) throws(LogFailure) -> LogPosition?

  /// The position of the newest event, `.start` when there is none.
  func lastPosition() throws(LogFailure) -> LogPosition

  /// Runs after an id in ascending order, at most `limit`, of the given states.
  func runs(after id: RunID, states: Set<RunState>, limit: Int) throws(LogFailure) -> [Run]

  /// The newest runs of the given states, the newest first, at most `limit`; only those before an id, if given.
  func newestRuns(states: Set<RunState>, before id: RunID?, limit: Int) throws(LogFailure) -> [Run]

  /// The runs that an event has led to, in the order of their ids.
  func runs(of position: LogPosition) throws(LogFailure) -> [Run]

  /// The pending runs of a lane after an id in ascending order, with the events that they react to.
  ///
  /// At most `limit`, and no more than some MiB of events hold; none only when there is none.
  func pendingWork(of lane: LaneName, after id: RunID, limit: Int) throws(LogFailure) -> PendingWork

  /// The lanes that have pending runs.
  func pendingLanes() throws(LogFailure) -> Set<LaneName>

  /// One run.
  func run(_ id: RunID) throws(LogFailure) -> Run?

  /// The branches of one fork of a run behind a place, in the order of their places, at most `limit`.
  func branches(of run: RunID, fork: Int, after place: Int, limit: Int) throws(LogFailure) -> [Run]

  /// What came to pass in a run, in order; of more than `limit` entries the last ones.
  func history(of run: RunID, limit: Int) throws(LogFailure) -> [HistoryEntry]

  /// The sites at which runs wait for events.
  func awaitedSites() throws(LogFailure) -> [AwaitedSite]

  /// Whether a run waits for an event.
  func isAwaiting(_ run: RunID) throws(LogFailure) -> Bool

  /// Runs with the events that they react to, in the order of `ids`; an id that names no run is left out.
  func work(of ids: [RunID]) throws(LogFailure) -> [RunWork]

  /// Events by their positions, as the world sees them; a position at which there is none is left out.
  func events(at positions: [LogPosition]) throws(LogFailure) -> [[UInt8]]

  /// Whether an event came from another log, and so was never shown to rules.
  func wasImported(_ position: LogPosition) throws(LogFailure) -> Bool
  /// The version of a stream: how many events it has.
  func version(of stream: StreamName) throws(LogFailure) -> Int64

  /// The events of a stream behind a version, in order, at most `limit`: the first one makes for the next version.
  func events(of stream: StreamName, after version: Int64, limit: Int) throws(LogFailure) -> EventPage

  /// The streams of an owner behind a key, in the order of their keys, at most `limit`, with their versions.
  func streams(of owner: String, after key: [UInt8]?, limit: Int) throws(LogFailure) -> [StreamVersion]

  /// What a command was answered; nil when it was not, or that is forgotten.
  func answer(to command: String, of owner: String) throws(LogFailure) -> [UInt8]?

  /// The decisions about an event, by rule.
  func decisions(of position: LogPosition) throws(LogFailure) -> [Decision]

  /// Open windows, of one owner or all, those that are due first at the front, at most `limit`.
  func windows(of owner: String?, limit: Int) throws(LogFailure) -> [StoredWindow]

  /// One window.
  func window(_ id: Int64) throws(LogFailure) -> StoredWindow?

  /// How many windows each owner has.
  func windowCounts() throws(LogFailure) -> [String: Int]

  /// When the next window is to be looked at, in steady time.
  func nextWindowDue() throws(LogFailure) -> Timestamp?

  /// The oldest event that an open window needs; nil when none needs any.
  func oldestInWindows() throws(LogFailure) -> LogPosition?

  /// The steady and the civil time of the newest commit; nil in a new log.
  func clockReading() throws(LogFailure) -> SteadyClock.Reading?

  /// Waiting runs whose step the host's end has interrupted, ascending, at most `limit`.
  func interruptedRuns(limit: Int) throws(LogFailure) -> [Run]

  /// Runs that are queued or behind others, ascending, at most `limit`.
  func runsInWait(limit: Int) throws(LogFailure) -> [Run]

  /// Waiting runs that are due at or before an instant, the earliest first, at most `limit`.
  func dueRuns(at instant: Timestamp, limit: Int) throws(LogFailure) -> [Run]

  /// When the next waiting run is due.
  func nextDue() throws(LogFailure) -> Timestamp?

  /// The committed checkpoint of a source.
  func checkpoint(of source: String) -> any CheckpointReader
}

extension LogReading {
  /// The first event that was recorded at an instant or later, found by halving; behind the newest when there is none.
  public func firstPosition(from instant: Timestamp) throws(LogFailure) -> LogPosition {
    var low: Int64 = 1
    var high = try lastPosition().rawValue + 1
    while low < high {
      let middle = low + (high - low) / 2
      let page = try events(from: LogPosition(rawValue: middle), limit: 1)
      guard let entry = page.entries.first, entry.recorded < instant else {
        high = middle
        continue
      }
      low = entry.position.rawValue + 1
    }
    return LogPosition(rawValue: low)
  }
}
