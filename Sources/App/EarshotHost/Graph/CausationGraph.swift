// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel

/// What one event has led to, or what one run has done, as a graph: each event, run and step is a node of its own.
public struct CausationGraph {
  private var walk: CausationWalk
  private var graph = EventGraph()
  /// The nodes of runs by their numbers.
  private var runs: [RunID: EventGraph.Node] = [:]

  /// Begins with nothing.
  public init(_ log: any LogReading) {
    walk = CausationWalk(log)
    graph.isTree = true
  }

  /// What an event has led to, with all that followed; nil when there is no such event.
  public mutating func graph(of position: LogPosition) throws -> EventGraph? {
    try walk.follow(position) ? drawn() : nil
  }

  /// What a run has done, and the events that it emitted; nil when there is no such run.
  public mutating func graph(of id: RunID) throws -> EventGraph? {
    try walk.follow(id) ? drawn() : nil
  }

  private mutating func drawn() -> EventGraph {
    for event in walk.events {
      let node = Self.node(event)
      if let cause = event.cause.map({ walk.events[$0] }) {
        link(event.emitter.flatMap { runs[$0] } ?? Self.node(cause), node, event.recorded - cause.recorded)
      }
      for reaction in event.reactions { draw(reaction, after: node, event.recorded) }
    }
    return graph
  }

  private static func node(_ event: CausationWalk.Event) -> EventGraph.Node {
    EventGraph.Node(.type, "\(event.type) #\(event.position.rawValue)")
  }

  /// Draws a run behind what has led to it, with its steps and branches.
  private mutating func draw(
    _ reaction: CausationWalk.Reaction,
    after from: EventGraph.Node,
    _ began: Timestamp
  ) {
    let run = reaction.run
    let node = EventGraph.Node(.rule, "\(run.rule), run \(run.id.rawValue): \(run.state.name)")
    runs[run.id] = node
    link(from, node, run.state.isOpen ? nil : run.updated - began, hasFailed: run.hasFailed)
    for entry in reaction.steps {
      let step = EventGraph.Node(.action, "\(entry.step), run \(run.id.rawValue): \(entry.kind)")
      link(node, step, entry.ended - entry.began, hasFailed: entry.kind.isFailure)
    }
    for branch in reaction.branches { draw(branch, after: node, began) }
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

extension Run {
  /// Whether the run ended, and not as its rule wanted.
  var hasFailed: Bool {
    [RunState.dead, .stuck, .compensated, .uncertain, .dropped, .failed].contains(state)
  }
}
