// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel

/// Lays what a log shows to have happened over a graph.
///
/// Events name what caused them, and whose they are by their source; runs name the event that they react to. Nothing is
/// kept of an event but its id, type and time.
public struct Observation {
  private let log: any LogReading
  private var graph: EventGraph
  private var times: [EventGraph.Ends: [Double]] = [:]
  /// The types that were met, and the one of each event from the first one on.
  private var types: [String] = []
  private var typeIDs: [String: Int32] = [:]
  private var events: [(type: Int32, recorded: Timestamp)] = []
  private var places: [String: Int] = [:]
  private var first: Int64 = 1

  /// Begins with what is declared.
  public init(_ log: any LogReading, over graph: EventGraph) {
    self.log = log
    self.graph = graph
    self.graph.isObserved = true
  }

  /// The graph with what has happened since an instant, or since the log began.
  public mutating func graph(since start: Timestamp?) throws -> EventGraph {
    let position = try start.map { try log.firstPosition(from: $0) } ?? LogPosition(rawValue: 1)
    first = position.rawValue
    try readEvents(from: position)
    try readRuns(from: position)
    for (ends, times) in times { graph.edges[ends]?.median = times.sorted()[times.count / 2] }
    return graph
  }

  private mutating func readEvents(from position: LogPosition) throws {
    var next = position
    while true {
      let page = try log.events(from: next, limit: 1000)
      guard let last = page.entries.last else { return }
      for index in page.entries.indices {
        let entry = page.entries[index]
        guard let event = try? JSONDocument(Array(page.json(index))).root else { continue }
        // What was forgotten leaves gaps.
        while first + Int64(events.count) < entry.position.rawValue { events.append((-1, entry.recorded)) }
        note(event, entry.recorded)
      }
      next = last.position.next
    }
  }

  private mutating func note(_ event: JSONView, _ recorded: Timestamp) {
    let type = event["type"]?.string ?? ""
    places[event["id"]?.string ?? ""] = events.count
    events.append((id(of: type), recorded))
    // What the host tells of itself is no part of what rules do.
    guard let source = event["source"]?.string, source != "earshot" else { return }
    guard let cause = event["causationid"]?.string, let place = places[cause], events[place].type >= 0 else {
      return
    }
    let from =
      source.hasPrefix("rules/")
      ? EventGraph.Node(.rule, String(source.dropFirst(6)))
      : EventGraph.Node(.type, types[Int(events[place].type)])
    count(from, EventGraph.Node(.type, type), recorded - events[place].recorded)
  }

  private mutating func id(of type: String) -> Int32 {
    if let known = typeIDs[type] { return known }
    typeIDs[type] = Int32(types.count)
    types.append(type)
    return Int32(types.count - 1)
  }

  private mutating func readRuns(from position: LogPosition) throws {
    var before: RunID?
    while true {
      let runs = try log.newestRuns(states: Set(RunState.allCases), before: before, limit: 1000)
      guard let last = runs.last else { return }
      for run in runs where run.position >= position { try note(run) }
      // Runs ascend with their events, but for few.
      if runs.allSatisfy({ $0.position < position }) { return }
      before = last.id
    }
  }

  private mutating func note(_ run: Run) throws {
    let place = Int(run.position.rawValue - first)
    guard events.indices.contains(place), events[place].type >= 0 else { return }
    let rule = EventGraph.Node(.rule, run.rule)
    let hasFailed = run.hasFailed
    if let branch = run.branch {
      if let parent = try log.run(branch.parent), parent.rule != run.rule {
        count(EventGraph.Node(.rule, parent.rule), rule, nil, hasFailed: hasFailed)
      }
      return try noteActions(of: run, rule, hasFailed: hasFailed)
    }
    let time = run.state.isOpen ? nil : run.updated - events[place].recorded
    count(EventGraph.Node(.type, types[Int(events[place].type)]), rule, time, hasFailed: hasFailed)
    try noteActions(of: run, rule, hasFailed: hasFailed)
  }

  /// What the run had done by plugins: of a run of one step the run itself says it, of others their history.
  private mutating func noteActions(of run: Run, _ rule: EventGraph.Node, hasFailed: Bool) throws {
    guard let actions = graph.actions[rule.name] else { return }
    let entries = try log.history(of: run.id, limit: 1000)
    if entries.isEmpty {
      let names = Set(actions.values)
      guard names.count == 1, run.attempts > 0, let only = names.first else { return }
      return count(rule, EventGraph.Node(.action, only), nil, hasFailed: hasFailed)
    }
    for entry in entries {
      guard let action = actions[entry.step] else { continue }
      let isDone = entry.kind == .done
      guard isDone || entry.kind == .dead || entry.kind == .uncertain else { continue }
      count(rule, EventGraph.Node(.action, action), entry.ended - entry.began, hasFailed: !isDone)
    }
  }

  private mutating func count(
    _ from: EventGraph.Node,
    _ to: EventGraph.Node,
    _ time: Duration?,
    hasFailed: Bool = false
  ) {
    let ends = EventGraph.Ends(from, to)
    graph.edges[ends, default: EventGraph.Edge()].count += 1
    if hasFailed { graph.edges[ends]?.failures += 1 }
    if let time { times[ends, default: []].append(max(0, time / .milliseconds(1))) }
  }
}
