// SPDX-License-Identifier: Apache-2.0

import DurableLog
public import EventModel
import Expressions
import EventSources
public import Rules
import Synchronization
import Timing

/// Replays: asked for by people, carried on by the router.
extension Dispatcher {
  /// How many events are looked at in one transaction.
  private static let stride = 200
  /// As many runs of a rule may wait before the replay waits, too.
  private static let mostWaiting = 256
  /// How long it waits then.
  private static let patience = Duration.milliseconds(100)

  /// What a replay would do.
  public struct ReplayPlan: Sendable {
    /// How many of the chosen events at least one rule is triggered by.
    public internal(set) var events = 0
    /// The rules, with how many events trigger each and meet its condition.
    public internal(set) var rules: [(rule: Rule, events: Int)] = []
  }

  /// Why a replay does not begin.
  public enum ReplayRefusal: Error, Hashable, Sendable {
    /// The rules in force have no rule of this id that reacts to anything.
    case unknownRule(String, known: [String])
    /// The condition is wrong, in words.
    case condition(String)
    /// Not an event type.
    case type(String)
  }

  /// Finds out what a replay would do; nothing is done.
  public func plan(_ choice: Replay.Choice) async throws -> ReplayPlan {
    let rules = try check(choice)
    let filter = try filter(choice)
    var table = table.withLock { $0 }
    var plan = ReplayPlan()
    var counts = [Int](repeating: 0, count: rules.count)
    var next = choice.first
    while next <= choice.last {
      try Task.checkCancellation()
      let page = try surroundings.log.events(from: next, limit: Self.stride)
      guard let last = page.entries.last else { break }
      for entry in page.entries.indices where page.entries[entry].position <= choice.last {
        let event = try Self.event(page, entry)
        guard filter.holds(event) else { continue }
        let hits = table.hits(for: 0, of: try page.batch(entry, surroundings.clock))
        var isSent = false
        for (place, rule) in rules.enumerated() where hits.contains(where: { $0.rule == rule }) {
          guard meetsCondition(event, table.rules.rules[rule], hits.first { $0.rule == rule }) else {
            continue
          }
          counts[place] += 1
          isSent = true
        }
        if isSent { plan.events += 1 }
      }
      next = last.position.next
    }
    plan.rules = zip(rules, counts).map { (table.rules.rules[$0], $1) }
    return plan
  }

  /// Whether a rule would react to an event by itself; of several events together that is not said.
  private func meetsCondition(_ event: JSONDocument, _ rule: Rule, _ hit: RoutingTable.Hit?) -> Bool {
    guard let condition = rule.condition, hit?.join == nil else { return true }
    let scope = Scope(event: JSONContent(event), in: surroundings.scope)
    return (try? condition.expression.holds(in: scope)) ?? (rule.onError == .match)
  }

  /// The indices of the chosen rules.
  private func check(_ choice: Replay.Choice) throws -> [Int] {
    if let type = choice.type, TypePattern(type) == nil { throw ReplayRefusal.type(type) }
    return try table.withLock { table in
      let rules = table.rules.rules
      let known = rules.filter { $0.isEnabled && !($0.triggers.isEmpty && $0.joins.isEmpty) }.map(\.id)
      return try choice.rules.map { id in
        guard known.contains(id), let index = rules.firstIndex(where: { $0.id == id }) else {
          throw ReplayRefusal.unknownRule(id, known: known)
        }
        return index
      }
    }
  }

  private func filter(_ choice: Replay.Choice) throws -> ReplayFilter {
    do throws(ExpressionErrors) { return try ReplayFilter(choice, surroundings.scope) } catch {
      throw ReplayRefusal.condition(error.errors.map(\.message).joined(separator: "; "))
    }
  }

  private static func event(_ page: EventPage, _ entry: Int) throws -> JSONDocument {
    var event: [UInt8] = []
    page.appendStamped(entry, to: &event)
    do { return try JSONDocument(event) } catch {
      throw LogFailure(.corrupt, "a recorded event is not JSON: \(error)")
    }
  }

  /// Begins a replay: from when this returns on it goes on by itself, also after the end of the host.
  public func replay(_ choice: Replay.Choice, pace: Double?) async throws -> Replay {
    _ = try check(choice)
    _ = try filter(choice)
    var random = surroundings.random
    let id = String(UInt32.random(in: 0x1000_0000 ... .max, using: &random), radix: 16)
    let began = surroundings.log.clock.now()
    let origin = try surroundings.log.events(from: choice.first, limit: 1).entries.first?.recorded
    let replay = Replay(id, choice, pace: pace, began: began, origin: origin ?? began)
    let wish = WindowWish.open(
      owner: replay.owner,
      key: [],
      due: began,
      content: replay.content,
      oldest: choice.first
    )
    var events = EventBatch()
    tell(of: replay, "started", &events)
    try await surroundings.log.submit(LogChange(events: events, windows: [wish]))
    passTime()
    return replay
  }

  /// The replays that are under way.
  public func replays() throws -> [Replay] {
    let owners = try surroundings.log.windowCounts().keys.filter(Replay.isOwner).sorted()
    return try owners.flatMap { try surroundings.log.windows(of: $0, limit: 1) }.map {
      try Replay($0.content)
    }
  }

  /// Ends a replay, of which what it has sent stays; says whether there was one.
  public func cancelReplay(_ id: String) async throws -> Bool {
    guard let window = try surroundings.log.windows(of: id + "/replay", limit: 1).first else { return false }
    return try await surroundings.log.submit(LogChange(windows: [.cancel(window.id)])).windows == [true]
  }

  private func tell(of replay: Replay, _ what: String, _ events: inout EventBatch) {
    var notice = CloudEvent(type: "earshot.replay.\(what)", subject: replay.id, data: replay.publicJSON)
    notice.source = "earshot"
    var intake = EventIntake(defaultSource: "earshot", clock: surroundings.clock)
    // What it tells of was checked.
    try? intake.append(notice, to: &events)
  }

  /// Does with the window of a replay what is wished, inside a transaction.
  func change(
    _ window: StoredWindow,
    ofReplay wish: WindowWish,
    _ table: inout RoutingTable,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch {
    var replay = try Replay(window.content)
    switch wish {
    case .closeDue, .fire: break
    case .cancel, .forget:
      return try end(replay, window, "cancelled", table, at: time, in: transaction)
    case .open, .advance, .extend, .review: return EventBatch()
    }
    let rules = replay.choice.rules.compactMap { id in table.rules.rules.firstIndex { $0.id == id } }
    guard !rules.isEmpty, let filter = try? filter(replay.choice) else {
      return try end(replay, window, "cancelled", table, at: time, in: transaction)
    }
    let names = rules.map { table.rules.rules[$0] }
    let isBusy = lanes.withLock { lanes in
      names.contains { lanes.waiting(of: $0.id, for: $0.steps[0].listener) > Self.mostWaiting }
    }
    guard !isBusy else {
      try transaction.update(
        window,
        due: time.steady + Self.patience,
        content: window.content,
        oldest: replay.next
      )
      return EventBatch()
    }
    var notices = EventBatch()
    var due = time.steady
    let page = try transaction.events(from: replay.next, limit: Self.stride)
    for entry in page.entries.indices {
      let place = page.entries[entry]
      guard place.position <= replay.choice.last else {
        // What lay between is gone.
        replay.next = replay.choice.last.next
        break
      }
      due = replay.due(place.recorded)
      guard due <= time.steady else { break }
      replay.next = place.position.next
      let event = try Self.event(page, entry)
      guard filter.holds(event) else { continue }
      var flow = flow(of: replay, at: place.recorded, table, time, in: transaction)
      if try send(page, entry, event, to: rules, &table, &flow, in: transaction) { replay.events += 1 }
      notices.append(flow.notices)
    }
    let isAtEnd =
      page.entries.count < Self.stride && page.entries.last.map { $0.position < replay.next } ?? true
    guard isAtEnd || replay.next > replay.choice.last else {
      try transaction.update(
        window,
        due: max(due, time.steady),
        content: replay.content,
        oldest: replay.next
      )
      return notices
    }
    notices.append(try end(replay, window, "finished", table, at: time, in: transaction))
    return notices
  }

  private func flow(
    of replay: Replay,
    at recorded: Timestamp,
    _ table: borrowing RoutingTable,
    _ time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) -> RuleFlow {
    let then = SteadyClock.Reading(steady: recorded + (.zero - time.difference), civil: recorded)
    var flow = RuleFlow(context(table, time), in: transaction, at: then)
    flow.isCatchingUp = true
    flow.replay = replay
    return flow
  }

  /// Leads an event through rules; says whether it triggers any.
  private func send(
    _ page: EventPage,
    _ entry: Int,
    _ event: JSONDocument,
    to rules: [Int],
    _ table: inout RoutingTable,
    _ flow: inout RuleFlow,
    in transaction: any RoutingTransaction
  ) throws -> Bool {
    let hits = table.hits(for: 0, of: try page.batch(entry, surroundings.clock)).filter {
      rules.contains($0.rule)
    }
    guard !hits.isEmpty else { return false }
    let position = page.entries[entry].position
    let occasion = Occasion(
      Firing(position, of: [position]),
      event: event.bytes,
      in: transaction,
      surroundings.scope
    )
    var next = 0
    while next < hits.count {
      try Self.follow(hits, from: &next, table.rules.rules[hits[next].rule], occasion, &flow)
    }
    return true
  }

  /// Ends a replay: its windows close or are forgotten, and an event tells of it.
  private func end(
    _ replay: Replay,
    _ window: StoredWindow,
    _ how: String,
    _ table: borrowing RoutingTable,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch {
    var notices = EventBatch()
    for id in replay.choice.rules {
      guard let rule = table.rules.rules.first(where: { $0.id == id }) else { continue }
      for windowing in rule.windowings {
        for owner in [windowing.owner, windowing.owner.delayed] {
          guard let keeper = table.keepers[owner.name] else { continue }
          for open in try transaction.windows(of: replay.prefix + owner.name) {
            var flow = flow(of: replay, at: time.civil, table, time, in: transaction)
            if how == "finished" { try flow.change(open, .fire(open.id), of: keeper, rule) }
            notices.append(flow.notices)
            try transaction.remove(open)
          }
        }
      }
    }
    try transaction.remove(window)
    tell(of: replay, how, &notices)
    return notices
  }
}

extension Replay {
  /// The replay as people and other programs are told of it.
  public var publicJSON: JSONValue {
    guard case .object(let members) = json else { return json }
    return .object(members.filter { $0.key != "began" && $0.key != "origin" })
  }
}
