// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Synchronization

/// What the dispatcher knows of files that runs change, so that no rule is triggered by its own work.
extension Dispatcher {
  /// Notes what an attempt with these parameters is about to change.
  func noteWriting(_ step: CurrentStep, _ parameters: [UInt8], _ ticket: UInt64) {
    guard !step.step.writes.isEmpty else { return }
    let paths = OwnFiles.paths(in: parameters, under: step.step.writes)
    let now = surroundings.clock.now()
    ownFiles.withLock { $0.begin(ticket, of: step.rule.id, paths: paths, at: now) }
  }

  /// Notes that attempts have ended.
  func noteWritten(by ended: [CurrentStep]) {
    let writing = ended.filter { !$0.step.writes.isEmpty }
    guard !writing.isEmpty else { return }
    let now = surroundings.clock.now()
    ownFiles.withLock { own in
      for step in writing { own.end(UInt64(step.run.id.rawValue), of: step.rule.id, at: now) }
    }
  }

  /// Whether an event tells of a file that a run of the rule has written.
  func isOwn(_ index: Int, of events: EventBatch, by rule: String, at time: SteadyClock.Reading) -> Bool {
    let entry = events.entries[index]
    // Most events are about something else, and are not read for this.
    guard events.bytes[entry.type].starts(with: FileNews.prefix.utf8) else { return false }
    return ownFiles.withLock { own in
      guard own.knows(rule) else { return false }
      let json = Array(events.bytes[entry.json])
      guard let event = try? JSONDocument(json), let news = FileNews(event.root) else { return false }
      return own.hold(news, by: rule, at: time.civil)
    }
  }
}
