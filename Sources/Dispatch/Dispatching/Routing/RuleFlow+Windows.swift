// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Timing

/// Windows.
extension RuleFlow {
  /// Does with a stored window what is wished.
  mutating func change(
    _ stored: StoredWindow,
    _ wish: WindowWish,
    of keeper: RoutingTable.Keeper,
    _ rule: Rule
  ) throws {
    let machine = keeper.machine
    let window = try Self.window(stored)
    switch wish {
    case .closeDue:
      let change = machine.change(window, at: time.steady)
      try keep(change.window, as: stored, machine)
      try noteLost(change.lost, by: machine, rule)
      for firing in change.firings { try go(on: firing, from: keeper, rule) }
    case .fire:
      guard machine.firesByTime else { return }
      var rest = window
      let firing = machine.close(at: time.steady, &rest)
      try keep(rest, as: stored, machine)
      if let firing { try go(on: firing, from: keeper, rule) }
    case .extend(_, let duration):
      let later = window.map { Sighting($0.position, at: $0.time + duration, place: $0.place) }
      try keep(later, as: stored, machine, movesDue: true)
    case .open, .advance: return
    case .review: try keep(window, as: stored, machine, movesDue: true)
    case .cancel, .forget: try forget(stored)
    }
  }

  /// Forgets a window that nothing keeps any more, and notes that for the events that it held.
  func forget(_ stored: StoredWindow) throws {
    try transaction.remove(stored)
    guard let owner = WindowOwner(name: stored.owner) else { return }
    let keepsFired = !owner.isDelay && (owner.kind == .throttle || owner.kind == .dedupe)
    guard !keepsFired, let window = WindowCoding.window(stored.content) else { return }
    for position in Set(window.map(\.position)).sorted() {
      try transaction.note(Decision(.forgotten, of: position, rule: owner.rule))
    }
  }

  /// What fires when time has passed goes on behind the part of the rule that kept it.
  private mutating func go(on firing: Firing, from keeper: RoutingTable.Keeper, _ rule: Rule) throws {
    let isJoin = rule.joins.contains { $0.windowing.owner == keeper.windowing.owner }
    if isJoin { try react(rule, to: occasion(firing)) } else { try begin(rule, occasion(firing)) }
  }

  /// Lets the window of an event hear it; nil when there is no key.
  mutating func hear(
    _ windowing: Windowing,
    of rule: Rule,
    _ occasion: Occasion,
    fits: [Int] = [0]
  ) throws -> (key: [UInt8], change: WindowChange)? {
    guard let key = try key(windowing.by, of: rule, occasion) else { return nil }
    let owner = (replay?.prefix ?? "") + windowing.owner.name
    let stored = try transaction.window(of: owner, key: key)
    let change = windowing.machine.change(
      try stored.map(Self.window) ?? [],
      at: time.steady,
      hearing: (occasion.firing.event, fits)
    )
    if let stored {
      try keep(change.window, as: stored, windowing.machine)
    } else if let due = windowing.machine.deadline(of: change.window) {
      let content = WindowCoding.bytes(change.window)
      try transaction.open(
        owner: owner,
        key: key,
        due: isCatchingUp ? RuleBeginning.never : due,
        content: content,
        oldest: Self.oldest(change.window, windowing.machine)
      )
    }
    try noteLost(change.lost, by: windowing.machine, rule)
    return (key, change)
  }

  /// Lets a reaction wait for its turn.
  func delay(_ firing: Firing, until turn: Timestamp, _ span: Windowing, _ key: [UInt8]) throws {
    let place = withUnsafeBytes(of: firing.event.rawValue.bigEndian) { Array($0) }
    try transaction.open(
      owner: (replay?.prefix ?? "") + span.owner.delayed.name,
      key: key + [0] + place,
      due: isCatchingUp ? RuleBeginning.never : turn,
      content: WindowCoding.bytes(Delay.window(firing, until: turn)),
      oldest: firing.events.min()
    )
  }

  /// Stores what has become of a window.
  ///
  /// A later deadline is not stored before the earlier one has come: most windows that are moved on are moved on again.
  private func keep(
    _ window: [Sighting],
    as stored: StoredWindow,
    _ machine: any TimeOperator,
    movesDue: Bool = false
  ) throws {
    guard let due = machine.deadline(of: window) else { return try transaction.remove(stored) }
    let content = WindowCoding.bytes(window)
    let isNew = !isCatchingUp && (movesDue || due < stored.due || stored.due <= time.steady)
    guard isNew || content != stored.content else { return }
    let oldest = Self.oldest(window, machine)
    try transaction.update(stored, due: isNew ? due : nil, content: content, oldest: oldest)
  }

  /// The oldest event that a window needs; what has been reacted to already is only counted.
  private static func oldest(_ window: [Sighting], _ machine: any TimeOperator) -> LogPosition? {
    machine.keepsFired ? nil : window.lazy.map(\.position).min()
  }

  private func noteLost(_ lost: [LogPosition], by machine: any TimeOperator, _ rule: Rule) throws {
    guard !machine.keepsFired else { return }
    let kind: Decision.Kind =
      switch machine {
      case is Debounce: .superseded
      case is Absence: .answered
      default: .expired
      }
    for position in lost { try note(kind, position, rule) }
  }

  private static func window(_ stored: StoredWindow) throws -> [Sighting] {
    guard let window = WindowCoding.window(stored.content) else {
      throw LogFailure(.corrupt, "the window \(stored.id) of '\(stored.owner)' cannot be read")
    }
    return window
  }
}
