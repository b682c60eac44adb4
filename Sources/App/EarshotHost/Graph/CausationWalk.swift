// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// Goes from an event to what it has led to: the runs that it made, the events that these emitted, and so on.
///
/// An event names its cause, and by its source the rule whose run emitted it. What follows is recorded later, so the log is
/// read forward once. It is read until all runs have ended and nothing more has come for a while, and no further than a bound.
struct CausationWalk {
  /// How many events are found at most.
  static let mostEvents = 1000
  /// At how many events it is looked in vain, once all runs have ended.
  static let patience = 20_000
  /// At how many events it is looked at most.
  static let furthest = 1_000_000
  static let pageSize = 1000

  /// An event that was found.
  struct Event {
    let position: LogPosition
    let recorded: Timestamp
    let id: String
    let type: String
    let source: String
    /// The event that it names as its cause, by its place among those that were found.
    let cause: Int?
    /// The run of the cause that emitted it.
    let emitter: RunID?
    /// The runs that it made.
    fileprivate(set) var reactions: [Reaction] = []

    /// The rule that its source names.
    var rule: String? { source.hasPrefix("rules/") ? String(source.dropFirst(6)) : nil }
  }

  /// A run with what came to pass in it.
  struct Reaction {
    let run: Run
    /// The steps that have ended.
    let steps: [HistoryEntry]
    let branches: [Reaction]

    /// Whether it, or a branch of it, goes on.
    var isOpen: Bool { run.state.isOpen || branches.contains(where: \.isOpen) }

    /// The run of a rule: itself, or the first such branch.
    func run(of rule: String) -> Run? {
      run.rule == rule ? run : branches.lazy.compactMap { $0.run(of: rule) }.first
    }
  }

  private let log: any LogReading
  /// What was found, in the order of recording.
  private(set) var events: [Event] = []
  /// Whether there may be more than was found.
  private(set) var isCut = false
  private var places: [String: Int] = [:]
  /// At how many events was looked since the last one that was found, and altogether.
  private var looked = (inVain: 0, all: 0)
  private var hasOpenRuns = false

  init(_ log: any LogReading) { self.log = log }

  /// Goes on from an event with all that follows; false when there is no such event.
  mutating func follow(_ position: LogPosition) throws -> Bool {
    try read(from: position) { walk, event, entry in
      if walk.events.isEmpty, entry.position != position { return false }
      guard walk.note(event, entry) else { return true }
      for run in try walk.log.runs(of: entry.position) { try walk.note(run) }
      return !walk.isOver
    }
    return !events.isEmpty
  }

  /// Goes on from a run with the events that it emitted; false when there is no such run.
  mutating func follow(_ id: RunID) throws -> Bool {
    guard let run = try log.run(id) else { return false }
    try read(from: run.position) { walk, event, entry in
      // What an ended run has emitted was recorded before its end.
      if !run.state.isOpen, entry.recorded > run.updated { return false }
      let isFirst = walk.events.isEmpty
      if walk.note(event, entry), isFirst { try walk.note(run) }
      return !walk.isOver
    }
    return true
  }

  /// Whether all that can be found was, or so much that it is enough.
  private var isOver: Bool {
    if events.count >= Self.mostEvents || looked.all >= Self.furthest { return true }
    return !hasOpenRuns && looked.inVain >= Self.patience
  }

  /// Shows the events from a position on to `body`, until it returns false or there is none.
  private mutating func read(
    from position: LogPosition,
    _ body: (inout CausationWalk, JSONView, EventPage.Entry) throws -> Bool
  ) throws {
    var next = position
    while true {
      let page = try log.events(from: next, limit: Self.pageSize)
      guard let last = page.entries.last else { return }
      for index in page.entries.indices {
        guard let event = try? JSONDocument(Array(page.json(index))).root else { continue }
        looked = (looked.inVain + 1, looked.all + 1)
        guard try body(&self, event, page.entries[index]) else {
          isCut = events.count >= Self.mostEvents || looked.all >= Self.furthest
          return
        }
      }
      next = last.position.next
    }
  }

  /// Notes the first event, or one that follows from one that was found; false for any other.
  private mutating func note(_ event: JSONView, _ entry: EventPage.Entry) -> Bool {
    let cause = event["causationid"]?.string.flatMap { places[$0] }
    guard events.isEmpty || cause != nil else { return false }
    let source = event["source"]?.string ?? ""
    let found = Event(
      position: entry.position,
      recorded: entry.recorded,
      id: event["id"]?.string ?? "",
      type: event["type"]?.string ?? "",
      source: source,
      cause: cause,
      emitter: cause.flatMap { cause in
        guard source.hasPrefix("rules/") else { return nil }
        let rule = String(source.dropFirst(6))
        return events[cause].reactions.lazy.compactMap { $0.run(of: rule)?.id }.first
      }
    )
    places[found.id] = events.count
    events.append(found)
    looked.inVain = 0
    return true
  }

  /// Notes a run of the event that was found last.
  private mutating func note(_ run: Run) throws {
    let reaction = try reaction(of: run)
    if reaction.isOpen { hasOpenRuns = true }
    events[events.count - 1].reactions.append(reaction)
  }

  private func reaction(of run: Run) throws -> Reaction {
    let entries = try log.history(of: run.id, limit: Self.pageSize)
    return Reaction(run: run, steps: entries.filter(\.kind.isEnd), branches: try branches(of: run.id))
  }

  private func branches(of run: RunID) throws -> [Reaction] {
    var found: [Reaction] = []
    for fork in 1... {
      let page = try log.branches(of: run, fork: fork, after: -1, limit: Self.pageSize)
      guard !page.isEmpty else { break }
      found += try page.map(reaction)
    }
    return found
  }
}

extension HistoryEntry.Kind {
  /// Whether the step has ended so.
  fileprivate var isEnd: Bool { self == .done || self == .dead || self == .uncertain }
}
