// SPDX-License-Identifier: Apache-2.0

/// What a log must be able to say and do so that runs can follow one another at gates and turns.
///
/// A gate has holders, of which the rule's mode says how many there may be, and runs that are queued. A turn has one
/// holder at most, and runs that are behind it. A run waits for its turn only after it has passed its gate, and a run
/// that has its turn waits for no other one; so none of them can wait for each other for ever.
public protocol Succession {
  /// Whether a run other than `run` holds the gate.
  func isHeld(gate: [UInt8], besides run: RunID) throws -> Bool
  /// Whether a run other than `run` has the turn.
  func isTaken(turn: [UInt8], besides run: RunID) throws -> Bool
  /// The run that has been queued at the gate for longest.
  func firstQueued(gate: [UInt8]) throws -> Run?
  /// The run that has been behind for longest.
  func firstBehind(turn: [UInt8]) throws -> Run?
  /// Puts a run into another state.
  mutating func set(_ state: RunState, of run: RunID) throws
}

extension Succession {
  /// Does what must follow from the change of a run, and gives the other runs that are pending by it.
  public mutating func succeed(_ before: Run, _ after: Run) throws -> [Run] {
    try enter(before, after)
    var released = try leaveTurn(before, after)
    if let gate = before.gate, before.state.holdsGate, !after.state.isOpen {
      released += try admitNext(to: gate)
    }
    return released
  }

  /// Lets the run go on that has been queued at a gate for longest, and gives it if it is pending by that.
  private mutating func admitNext(to gate: [UInt8]) throws -> [Run] {
    guard let next = try firstQueued(gate: gate) else { return [] }
    if let turn = next.turn, try isTaken(turn: turn, besides: next.id) {
      try set(.behind, of: next.id)
      return []
    }
    return [try release(next)]
  }

  /// The same if no run holds the gate.
  public mutating func admitNextIfFree(to gate: [UInt8]) throws -> [Run] {
    try isHeld(gate: gate, besides: .start) ? [] : try admitNext(to: gate)
  }

  /// Does what must follow from the change of a run for those that are behind it, and gives the one that is pending by it.
  public mutating func leaveTurn(_ before: Run, _ after: Run) throws -> [Run] {
    let leavesTurn = !after.state.holdsTurn || after.turn != before.turn
    guard let turn = before.turn, before.state.holdsTurn, leavesTurn, let next = try firstBehind(turn: turn)
    else { return [] }
    return [try release(next)]
  }

  /// Lets a run that has become pending wait if others are before it.
  private mutating func enter(_ before: Run, _ after: Run) throws {
    guard after.state == .pending, before.state != .waiting else { return }
    if !before.state.isOpen, let gate = after.gate, try isHeld(gate: gate, besides: after.id) {
      try set(.queued, of: after.id)
    } else if let turn = after.turn, try isTaken(turn: turn, besides: after.id) {
      try set(.behind, of: after.id)
    }
  }

  private mutating func release(_ run: Run) throws -> Run {
    try set(.pending, of: run.id)
    var run = run
    run.state = .pending
    return run
  }
}
