// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel

/// What one event has led to, or what one run has done: each event, run and step is a node of its own.
///
/// An event names its cause, and by its source the rule whose run emitted it. What follows is recorded later, so the log is
/// read forward from the event once.
public struct CausationGraph {
  /// How many events are shown at most.
  public static let mostEvents = 1000
  private static let pageSize = 1000

  private let log: any LogReading
  private var graph = EventGraph()
  /// The events that are shown, by their ids.
  private var nodes: [String: EventGraph.Node] = [:]
  /// When they were recorded.
  private var times: [String: Timestamp] = [:]
  /// The nodes of runs by the ids of their events and their rules.
  private var emitters: [String: [String: EventGraph.Node]] = [:]

  /// Begins with nothing.
  public init(_ log: any LogReading) {
    self.log = log
    graph.isTree = true
  }

  /// What an event has led to, with all that followed; nil when there is no such event.
  public mutating func graph(of position: LogPosition) throws -> EventGraph? {
    var next = position
    while nodes.count < Self.mostEvents {
      let page = try log.events(from: next, limit: Self.pageSize)
      guard let last = page.entries.last else { break }
      for (event, entry) in Self.events(of: page) where nodes.count < Self.mostEvents {
        let isFirst = nodes.isEmpty
        if isFirst, entry.position != position { return nil }
        guard isFirst || note(event, entry) else { continue }
        if isFirst { show(event, entry) }
        for run in try log.runs(of: entry.position) { try note(run, of: event, entry.recorded) }
      }
      next = last.position.next
    }
    return nodes.isEmpty ? nil : graph
  }

  /// What a run has done, and the events that it emitted; nil when there is no such run.
  public mutating func graph(of id: RunID) throws -> EventGraph? {
    guard let run = try log.run(id) else { return nil }
    var next = run.position
    while true {
      let page = try log.events(from: next, limit: Self.pageSize)
      guard let last = page.entries.last else { return graph }
      for (event, entry) in Self.events(of: page) where nodes.count < Self.mostEvents {
        // What an ended run has emitted was recorded before its end.
        if !run.state.isOpen, entry.recorded > run.updated { return graph }
        if nodes.isEmpty {
          show(event, entry)
          try note(run, of: event, entry.recorded)
        } else {
          _ = note(event, entry)
        }
      }
      next = last.position.next
    }
  }

  private static func events(of page: EventPage) -> [(event: JSONView, entry: EventPage.Entry)] {
    page.entries.indices.compactMap { index in
      (try? JSONDocument(Array(page.json(index)))).map { ($0.root, page.entries[index]) }
    }
  }

  private mutating func show(_ event: JSONView, _ entry: EventPage.Entry) {
    let node = EventGraph.Node(.type, "\(event["type"]?.string ?? "") #\(entry.position.rawValue)")
    nodes[event["id"]?.string ?? ""] = node
    times[event["id"]?.string ?? ""] = entry.recorded
  }

  /// Shows an event that follows from one that is shown; false for any other.
  private mutating func note(_ event: JSONView, _ entry: EventPage.Entry) -> Bool {
    guard let cause = event["causationid"]?.string, let from = nodes[cause], let since = times[cause] else {
      return false
    }
    let rule = event["source"]?.string.flatMap { $0.hasPrefix("rules/") ? String($0.dropFirst(6)) : nil }
    show(event, entry)
    guard let node = nodes[event["id"]?.string ?? ""] else { return false }
    let emitter = rule.flatMap { emitters[cause]?[$0] } ?? from
    link(emitter, node, entry.recorded - since)
    return true
  }

  private mutating func note(_ run: Run, of event: JSONView, _ recorded: Timestamp) throws {
    guard let from = nodes[event["id"]?.string ?? ""] else { return }
    try note(run, after: from, of: event["id"]?.string ?? "", recorded)
  }

  /// Shows a run behind what has led to it, with its steps and branches.
  private mutating func note(
    _ run: Run,
    after from: EventGraph.Node,
    of event: String,
    _ began: Timestamp
  ) throws {
    let node = EventGraph.Node(.rule, "\(run.rule), run \(run.id.rawValue): \(run.state.name)")
    link(from, node, run.state.isOpen ? nil : run.updated - began, hasFailed: run.hasFailed)
    // What a branch emits carries its rule's name, as what the others of the rule do.
    if emitters[event]?[run.rule] == nil { emitters[event, default: [:]][run.rule] = node }
    for entry in try log.history(of: run.id, limit: Self.pageSize) where entry.kind.isEnd {
      let step = EventGraph.Node(.action, "\(entry.step), run \(run.id.rawValue): \(entry.kind)")
      link(node, step, entry.ended - entry.began, hasFailed: entry.kind.isFailure)
    }
    for branch in try branches(of: run.id) { try note(branch, after: node, of: event, began) }
  }

  private func branches(of run: RunID) throws -> [Run] {
    var found: [Run] = []
    for fork in 1... {
      let page = try log.branches(of: run, fork: fork, after: -1, limit: Self.pageSize)
      guard !page.isEmpty else { break }
      found += page
    }
    return found
  }

  private mutating func link(
    _ from: EventGraph.Node,
    _ to: EventGraph.Node,
    _ time: Duration?,
    hasFailed: Bool = false
  ) {
    var edge = EventGraph.Edge()
    edge.isDeclared = true
    edge.count = 1
    edge.order = graph.edges.count
    edge.failures = hasFailed ? 1 : 0
    edge.median = time.map { max(0, $0 / .milliseconds(1)) }
    graph.edges[EventGraph.Ends(from, to)] = edge
  }
}

extension HistoryEntry.Kind {
  /// Whether the step has ended so.
  fileprivate var isEnd: Bool { self == .done || self == .dead || self == .uncertain }
}

extension Run {
  /// Whether the run ended, and not as its rule wanted.
  var hasFailed: Bool {
    [RunState.dead, .stuck, .compensated, .uncertain, .dropped, .failed].contains(state)
  }
}
