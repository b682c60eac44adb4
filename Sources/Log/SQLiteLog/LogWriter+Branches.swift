// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// Runs that wait for their branches.
extension LogWriter: Branching {
  func join(of run: RunID) throws -> BranchJoin? { try runReader.run(run)?.join }

  func set(_ join: BranchJoin, of run: RunID) throws { try branches.set(join, of: run) }

  func openBranches(of run: RunID) throws -> [RunID] { try branches.open(of: run) }

  func follow(_ change: RunChange) throws -> Consequences? {
    let before = try runReader.run(change.run)
    guard try self.change(change), let after = try runReader.run(change.run) else { return nil }
    return try consequences(of: change, before ?? after, after)
  }

  /// What must follow from a change of a run for others.
  func consequences(of change: RunChange, _ before: Run, _ after: Run) throws -> Consequences {
    if change.mayEnterGate, after.gate != nil || after.turn != nil { hasSuccession = true }
    var consequences = Consequences()
    if change.lets(before, goOnAs: after) { consequences.released.append(after) }
    if case .cancel = change, after.isToEnd { consequences.cancelled.append(after) }
    if hasSuccession {
      try runReader.track(before, after)
      var reader = runReader
      consequences.released += try reader.succeed(before, after)
    }
    guard branches.mayBeAwaited else { return consequences }
    if case .join = change { try branches.forget() }
    var writer = self
    consequences.add(try writer.branch(change, before, after))
    return consequences
  }

  /// Makes the branches for which a run begins to wait, and gives those that are pending.
  func fork(_ fork: Fork, of run: RunID) throws -> Consequences {
    // What was cancelled meanwhile is not held.
    guard try runReader.run(run)?.state == .waiting else { return Consequences() }
    var consequences = Consequences()
    for change in fork.changes {
      guard let further = try follow(change), let changed = try runReader.run(change.run) else { continue }
      consequences.add(further)
      if changed.state == .pending { consequences.released.append(changed) }
    }
    for new in fork.branches {
      var (made, _) = try insert(new)
      if made.gate != nil || made.turn != nil {
        hasSuccession = true
        try runReader.track(nil, made)
      }
      guard made.state == .pending else { continue }
      if let turn = made.turn, try runReader.isTaken(turn: turn, besides: made.id) {
        made.state = .behind
        try runReader.set(.behind, of: made.id)
      } else {
        consequences.released.append(made)
      }
    }
    var writer = self
    consequences.add(try writer.beginJoin(of: run, needed: fork.needed))
    return consequences
  }
}
