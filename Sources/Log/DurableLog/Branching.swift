// SPDX-License-Identifier: Apache-2.0

/// What a log must be able to say and do so that runs can wait for their branches.
///
/// A run that has branches waits, with a count of those that have not ended. Each that ends is counted in the commit of its
/// end. As soon as it is decided whether enough succeed, the others are cancelled; when all have ended, the run goes on.
public protocol Branching {
  /// What a run waits for; nil when it waits for no branches.
  func join(of run: RunID) throws -> BranchJoin?
  /// Says what a run waits for.
  mutating func set(_ join: BranchJoin, of run: RunID) throws
  /// The branches of a run that have not ended, the last one first.
  func openBranches(of run: RunID) throws -> [RunID]
  /// Changes a run with all that must follow; nil when its state does not allow the change.
  mutating func follow(_ change: RunChange) throws -> Consequences?
}

/// What a change of a run has led to besides.
public struct Consequences: Sendable {
  /// Runs that waited for others and are pending now.
  public var released: [Run]
  /// Runs of which an attempt is under way that is to be cancelled.
  public var cancelled: [Run]

  /// Nothing, or what is given.
  public init(released: [Run] = [], cancelled: [Run] = []) {
    self.released = released
    self.cancelled = cancelled
  }

  /// Adds others.
  public mutating func add(_ others: Consequences) {
    released += others.released
    cancelled += others.cancelled
  }
}

extension Branching {
  /// Has a run wait for its branches, unless all have ended.
  public mutating func beginJoin(of run: RunID, needed: Int?) throws -> Consequences {
    let open = try openBranches(of: run).count
    try set(BranchJoin(open: open, needed: needed), of: run)
    return open == 0 ? try follow(.join(run)) ?? Consequences() : Consequences()
  }

  /// Does what must follow for branches and for the run that waits for this one.
  public mutating func branch(_ change: RunChange, _ before: Run, _ after: Run) throws -> Consequences {
    var consequences = Consequences()
    if case .cancel = change, after.join != nil {
      consequences.add(try cancelBranches(of: after.id))
    }
    guard let branch = after.branch, before.state.isUnderWay, !after.state.isUnderWay,
      let join = try join(of: branch.parent)
    else { return consequences }
    let (left, isDecided) = join.without(after.state)
    if left.open == 0 {
      consequences.add(try follow(.join(branch.parent)) ?? Consequences())
    } else {
      try set(left, of: branch.parent)
      if isDecided { consequences.add(try cancelBranches(of: branch.parent)) }
    }
    return consequences
  }

  private mutating func cancelBranches(of run: RunID) throws -> Consequences {
    var consequences = Consequences()
    for branch in try openBranches(of: run) {
      consequences.add(try follow(.cancel(branch)) ?? Consequences())
    }
    return consequences
  }
}
