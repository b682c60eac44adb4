// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import PluginWire
import Rules
import Synchronization

/// Runs that wait for events.
///
/// A run that begins to wait looks first at what was recorded since it was made and it has not heard yet, here and a page at a
/// time; what is recorded while it does is looked at by the router, in the transaction in which the run is noted to wait.
/// From then on each event that comes in at its site is compared with its key when it is stored.
extension Dispatcher {
  /// How many events are looked at before others have their turn.
  private static let stride = 500

  /// What a run waits for, as far as it has been looked for.
  struct Search: Sendable {
    let step: CurrentStep
    let awaiting: CurrentStep.Awaiting
    var next: LogPosition
  }

  /// Has a run wait for an event, unless it has come already; on the queue.
  func beginWaiting(for awaiting: CurrentStep.Awaiting, at step: CurrentStep) {
    uncommitted.withLock { $0 += 1 }
    guard awaiting.question == nil else {
      // Nobody has answered what was not asked.
      return settle(EndedStep(step, .awaits(awaiting, from: LogPosition(rawValue: .max))))
    }
    search(Search(step: step, awaiting: awaiting, next: step.lastHeard.next))
  }

  private func search(_ search: Search) {
    let step = search.step
    do {
      let page =
        if let type = step.step.awaited?.type {
          try surroundings.log.events(ofType: type, from: search.next, limit: Self.stride)
        } else {
          try surroundings.log.events(from: search.next, limit: Self.stride)
        }
      if let site = step.step.awaited, !page.entries.isEmpty {
        var finder = AwaitSearch(
          step,
          site,
          key: search.awaiting.key,
          in: surroundings.scope,
          surroundings.clock
        )
        if let event = try finder.find(in: page) {
          return settle(EndedStep(step, .reply(.ack(output: event, emit: []))))
        }
      }
      var search = search
      if let last = page.entries.last { search.next = last.position.next }
      guard !page.isFull(Self.stride) else {
        return queue.async { [search] in self.search(search) }
      }
      settle(EndedStep(step, .awaits(search.awaiting, from: search.next)))
    } catch {
      uncommitted.withLock { $0 -= 1 }
      beginLater(step.run, event: step.event, after: error as? LogFailure ?? LogFailure(.corrupt, "\(error)"))
    }
  }

  private func settle(_ ended: EndedStep) {
    goOn(settling: [ended])
    uncommitted.withLock { $0 -= 1 }
  }

  /// The runs that wait for a person's answer, among a run and its branches.
  public func asking(_ run: Run) throws -> [Run] {
    guard run.join != nil else { return try asks(run) ? [run] : [] }
    let fork = StepResults.forks(in: run.outputs)
    let branches = try surroundings.log.branches(
      of: run.id,
      fork: fork,
      after: -1,
      limit: Step.Fork.mostBranches
    )
    return try branches.flatMap { try asking($0) }
  }

  private func asks(_ run: Run) throws -> Bool {
    guard run.state == .waiting else { return false }
    return try shelf.rule(of: run.names)?.steps[run.step].awaited?.question != nil
  }

  /// Answers for a person what a run asks; says whether it asks anything.
  public func answer(_ run: Run, isApproved: Bool, comment: String?) async throws -> Bool {
    guard try asks(run), let step = try shelf.rule(of: run.names)?.steps[run.step] else { return false }
    var data: [JSONValue.Member] = [
      .init("run", .number("\(run.id.rawValue)")), .init("step", .string(step.id)),
      .init("approved", .bool(isApproved)),
    ]
    if let comment { data.append(.init("comment", .string(comment))) }
    var event = CloudEvent(
      type: Step.answerType,
      subject: "\(run.id.rawValue)/\(step.id)",
      data: .object(data)
    )
    event.source = "earshot"
    var intake = EventIntake(defaultSource: "earshot", clock: surroundings.clock)
    var batch = EventBatch()
    try intake.append(event, to: &batch)
    try await surroundings.log.submit(LogChange(events: batch))
    return true
  }

  /// The sites of rules that are not the present ones, at which runs wait; their rules are at hand from then on.
  func olderSites() throws -> [Step.Await] {
    try surroundings.log.awaitedSites().compactMap { found in
      let names = RunNames(rule: found.rule, revision: found.revision, listener: Step.ownListener)
      let rule = try shelf.rule(of: names)
      return rule?.steps.lazy.compactMap(\.awaited).first { $0.site == found.site }
    }
  }

  /// Lets the runs go on that wait for an event at one of these sites.
  func answer(
    _ sites: [Step.Await],
    with occasion: Occasion,
    in transaction: any RoutingTransaction
  ) throws {
    let document = try occasion.document()
    for site in sites {
      guard let key = site.key(of: document, surroundings.scope) else { continue }
      for run in try transaction.runs(awaiting: site.site, key: key) {
        // What was noted to wait has its rule at hand.
        guard let rule = try shelf.rule(of: run.names) else { continue }
        let needsEvent = rule.steps[run.step].awaited?.condition != nil
        let own = needsEvent ? try transaction.event(at: run.position) : []
        let step = CurrentStep(run: run, rule: rule, event: own)
        guard step.accepts(document, surroundings.scope) else { continue }
        try transaction.fulfil(run.id, outputs: step.outputs(fulfilledBy: try occasion.text()))
      }
    }
  }
}

// The requirement is documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Dispatcher {
  public func lookBack(
    for event: AwaitedEvent,
    of run: Run,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws {
    guard let rule = try shelf.rule(of: run.names), let site = rule.steps[run.step].awaited else { return }
    table.withLock { $0.awaits.add(site) }
    let step = CurrentStep(run: run, rule: rule, event: try transaction.event(at: run.position))
    var finder = AwaitSearch(step, site, key: event.key, in: surroundings.scope, surroundings.clock)
    var next = event.from
    while true {
      let page =
        if let type = site.type {
          try transaction.events(ofType: type, from: next, limit: Self.stride)
        } else {
          try transaction.events(from: next, limit: Self.stride)
        }
      if let found = try finder.find(in: page) {
        return try transaction.fulfil(run.id, outputs: step.outputs(fulfilledBy: found))
      }
      guard let last = page.entries.last, page.entries.count == Self.stride else { return }
      next = last.position.next
    }
  }
}
