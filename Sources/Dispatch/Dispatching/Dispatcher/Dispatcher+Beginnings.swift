// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
public import Rules
import Synchronization
import Timing

/// New rules that work through the events that were there before them.
///
/// Until such a rule has come to the end of the log, no new event is routed to it: it meets all events in their order.
/// What it looks at and how far it has come are committed together. Its windows see the time at which events were
/// recorded, and close by it; their deadlines are looked at when the rule has caught up.
extension Dispatcher {
  /// How many events a rule looks at in one transaction.
  private static let stride = 200

  /// Says from where new rules have to begin; to be called before the rules are in force.
  ///
  /// `old` are the rules of before; a rule that was among them is not new, whatever it says now.
  public func begin(_ rules: RuleSet, instead old: RuleSet?) async throws {
    let known = Set(old?.rules.map(\.id) ?? [])
    var wishes: [WindowWish] = []
    for rule in rules.rules where rule.isEnabled && rule.start != .now {
      let next = known.contains(rule.id) ? nil : try rule.start.firstPosition(in: surroundings.log)
      wishes.append(RuleBeginning(next: next).wish(for: rule.id))
    }
    guard !wishes.isEmpty else { return }
    try await surroundings.log.submit(LogChange(windows: wishes))
  }

  /// The rules that have not caught up yet.
  func catchingUp(_ rules: RuleSet) throws -> Set<String> {
    var found: Set<String> = []
    for rule in rules.rules where rule.start != .now {
      let owner = RuleBeginning.owner(of: rule.id)
      guard let window = try surroundings.log.windows(of: owner, limit: 1).first else { continue }
      if try RuleBeginning(window.content).next != nil { found.insert(rule.id) }
    }
    return found
  }

  /// Lets rules go on that have not caught up, each in its own transactions beside all else.
  public func catchUp() {
    let owners = table.withLock { table in
      table.catchingUp.map(RuleBeginning.owner).sorted() + table.streams.behind.sorted()
    }
    for owner in owners { queue.async { [self] in catchUp(owner) } }
  }

  /// Lets what owns a window that stands for its progress go on, a part at a time.
  private func catchUp(_ owner: String) {
    do throws(LogFailure) {
      guard table.withLock({ $0.isBehind(owner) }),
        let window = try surroundings.log.windows(of: owner, limit: 1).first
      else { return noteIdle() }
      let change = LogChange(windows: [.advance(window.id, limit: Self.stride)])
      surroundings.log.submit(change) { [self] result in
        queue.async { [self] in
          switch result {
          case .success: catchUp(owner)
          case .failure(let failure):
            surroundings.report("\(failure); '\(owner)' does not catch up")
            if !failure.isFatal { later { [self] in catchUp(owner) } }
          }
        }
      }
    } catch {
      surroundings.report("\(error); '\(owner)' does not catch up")
      if error.mayPass { later { [self] in catchUp(owner) } }
    }
  }

  /// Leads the next events through a rule that has not caught up.
  func advance(
    _ window: StoredWindow,
    _ rule: String,
    limit: Int,
    _ table: inout RoutingTable,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch {
    var beginning = try RuleBeginning(window.content)
    guard let next = beginning.next, let index = table.rules.rules.firstIndex(where: { $0.id == rule }) else {
      return EventBatch()
    }
    let page = try transaction.events(from: next, limit: limit)
    var notices = EventBatch()
    for entry in page.entries.indices {
      let recorded = page.entries[entry].recorded
      let then = SteadyClock.Reading(steady: recorded + (.zero - time.difference), civil: recorded)
      var flow = RuleFlow(context(table, time), in: transaction, at: then)
      flow.isCatchingUp = true
      try follow(page, entry, index, &table, &flow, in: transaction)
      notices.append(flow.notices)
    }
    beginning.next = page.entries.count < limit ? nil : page.entries.last?.position.next
    try transaction.update(window, due: nil, content: beginning.content, oldest: beginning.next)
    guard beginning.next == nil else { return notices }
    table.noteCaughtUp(rule)
    var flow = RuleFlow(context(table, time), in: transaction, at: time)
    for windowing in table.rules.rules[index].windowings {
      for owner in [windowing.owner, windowing.owner.delayed] {
        guard let keeper = table.keepers[owner.name] else { continue }
        for open in try transaction.windows(of: owner.name) {
          try flow.change(open, .review(owner: owner.name), of: keeper, table.rules.rules[index])
        }
      }
    }
    notices.append(flow.notices)
    return notices
  }

  /// Leads one event of a page through a rule.
  private func follow(
    _ page: EventPage,
    _ entry: Int,
    _ rule: Int,
    _ table: inout RoutingTable,
    _ flow: inout RuleFlow,
    in transaction: any RoutingTransaction
  ) throws {
    let hits = table.hits(for: 0, of: try page.batch(entry, surroundings.clock)).filter { $0.rule == rule }
    guard !hits.isEmpty else { return }
    let occasion = Occasion(page, entry, in: transaction, surroundings.scope)
    var next = 0
    while next < hits.count { try Self.follow(hits, from: &next, table.rules.rules[rule], occasion, &flow) }
  }
}
