// SPDX-License-Identifier: Apache-2.0

extension InMemoryStore {
  /// Makes the branches for which a run begins to wait, and gives those that are pending.
  mutating func fork(_ fork: Fork, of run: RunID) throws -> Consequences {
    // What was cancelled meanwhile is not held.
    guard let index = index(of: run), runs[index].state == .waiting else { return Consequences() }
    var consequences = Consequences()
    for change in fork.changes {
      guard let further = try follow(change), let index = self.index(of: change.run) else { continue }
      consequences.add(further)
      if runs[index].state == .pending { consequences.released.append(runs[index]) }
    }
    for new in fork.branches {
      let made = add(new)
      guard made.state == .pending else { continue }
      if let turn = made.turn, isTaken(turn: turn, besides: made.id) {
        set(.behind, of: made.id)
      } else {
        consequences.released.append(made)
      }
    }
    consequences.add(try beginJoin(of: run, needed: fork.needed))
    return consequences
  }
}

extension InMemoryStore: Branching {
  func join(of run: RunID) -> BranchJoin? { index(of: run).flatMap { runs[$0].join } }

  mutating func set(_ join: BranchJoin, of run: RunID) {
    if let index = index(of: run) { runs[index].join = join }
  }

  func openBranches(of run: RunID) -> [RunID] {
    runs.reversed().filter { $0.branch?.parent == run && $0.state.isUnderWay }.map(\.id)
  }

  mutating func follow(_ change: RunChange) throws -> Consequences? {
    guard let index = index(of: change.run), let changed = runs[index].applying(change, at: now) else {
      return nil
    }
    let before = runs[index]
    runs[index] = changed
    if changed.state != .waiting { awaits[changed.id] = nil }
    var consequences = Consequences(released: try succeed(before, changed))
    if change.lets(before, goOnAs: changed) { consequences.released.append(changed) }
    if case .cancel = change, changed.isToEnd { consequences.cancelled.append(changed) }
    consequences.add(try branch(change, before, changed))
    return consequences
  }
}
