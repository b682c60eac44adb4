// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// The log of one side of a backtest: what is open, in memory, over a recorded log on disk.
///
/// It forgets runs that have ended and events that nothing needs any more, and tells of each rule's firings as they end. What has
/// no name in the recorded log, such as runs that were never made, gets one that is the same on both sides.
///
/// Unchecked, since a side's log is used by whoever drives that side, and by nobody at the same time.
final class WorkingLog: @unchecked Sendable {
  let clock: SteadyClock
  let host: any HostClock
  let recording: Recording
  let past: RecordedRuns
  var windows = OpenWindows()
  var runs = OpenRuns()
  var made = MadeEvents()
  var streams: OpenStreams
  /// The firings whose runs are open.
  var firings: [RunID: RuleFiring] = [:]
  var ended: [RuleFiring] = []
  /// Up to where the recorded log was told.
  var told = LogPosition.start
  var last = LogPosition.start
  /// Why it takes nothing more.
  var failure: LogFailure?
  var router: (any EventRouter)?
  var observer: (any CommitObserver)?
  /// The time of the change under way, and what its next commit tells of.
  var time: SteadyClock.Reading
  var news = (runs: [Run](), cancelled: [Run](), due: Timestamp?.none)
  /// The ids that rules have given to events themselves.
  var ownIDs: [Fingerprint: LogPosition] = [:]
  /// How often the same notice was made behind the recorded event that was told last.
  var notices: [Fingerprint: Int64] = [:]

  init(clock: any HostClock, over recording: Recording, from start: LogPosition, past: RecordedRuns) {
    streams = OpenStreams(over: recording.log, from: start)
    host = clock
    self.clock = SteadyClock(clock)
    self.recording = recording
    self.past = past
    time = self.clock.reading()
  }

  /// Begins to take changes.
  func start(router: any EventRouter, observer: any CommitObserver) {
    self.router = router
    self.observer = observer
  }

  /// The firings that have ended since the last call.
  func takeEnded() -> [RuleFiring] {
    defer { ended = [] }
    return ended
  }

  /// The firings that are open; to be called once, at the end.
  func takeOpen() -> [RuleFiring] {
    let open = firings.compactMap { id, firing in
      runs[id].map { run in
        var firing = firing
        firing.end(as: run.state)
        return firing
      }
    }
    firings = [:]
    return open
  }

  /// Notes what a run did.
  func note(_ deed: (RuleFiring) -> RuleFiring.Deed, by run: RunID) {
    guard let facts = runs.facts(run), let firing = firings[facts.root] else { return }
    firings[facts.root]?.note(deed(firing), by: run, named: facts.name)
  }

  /// Forgets events that nothing needs any more, and gives the oldest recorded event from which something may still come.
  func tidy() -> LogPosition {
    var needed = last.next
    var root = told.next
    for position in windows.needed {
      needed = min(needed, position)
      root = min(root, self.root(of: position))
    }
    for run in runs.unordered {
      needed = min(needed, run.inputs.first ?? run.position)
      if let firing = firings[run.id] { root = min(root, firing.root) }
    }
    made.forget(before: needed)
    return root
  }

  /// How many things are open.
  var openCount: Int { runs.count + windows.count }
}
