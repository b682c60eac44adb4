// SPDX-License-Identifier: Apache-2.0

/// As what a run is part of another one, which waits for it.
public struct Branch: Sendable, Hashable {
  /// The run that waits.
  public var parent: RunID
  /// Which fork of that run it belongs to, from 1.
  public var fork: Int
  /// Its place among the branches of that fork, from 0.
  public var place: Int

  /// Says where a branch belongs.
  public init(of parent: RunID, fork: Int, place: Int) {
    self.parent = parent
    self.fork = fork
    self.place = place
  }
}

/// What a run waits for that has branches.
public struct BranchJoin: Sendable, Hashable {
  /// How many branches have not ended.
  public var open: Int
  /// How many more must succeed; nil once that is decided, or when all are waited for whatever comes of them.
  public var needed: Int?

  /// Says what a run waits for.
  public init(open: Int, needed: Int?) {
    self.open = open
    self.needed = needed
  }

  /// What is waited for once a branch has ended, and whether that has decided it.
  func without(_ ended: RunState) -> (join: BranchJoin, isDecided: Bool) {
    var join = BranchJoin(open: open - 1, needed: needed)
    if ended == .done, let needed { join.needed = needed - 1 }
    let isDecided = join.needed.map { $0 <= 0 || $0 > join.open } ?? false
    if isDecided { join.needed = nil }
    return (join, isDecided)
  }
}

/// The branches for which a run begins to wait: new ones, and ones of before that go on.
public struct Fork: Sendable, Hashable {
  /// Which fork of the run it is, from 1.
  public var number: Int
  /// Branches to be made; their places are those in this list.
  public var branches: [NewRun]
  /// What becomes of branches of before.
  public var changes: [RunChange]
  /// How many of all must succeed for the run to go on at once; nil when all are waited for whatever comes of them.
  public var needed: Int?

  /// Describes a fork.
  public init(_ number: Int, branches: [NewRun] = [], changes: [RunChange] = [], needed: Int?) {
    self.number = number
    self.branches = branches
    self.changes = changes
    self.needed = needed
  }
}
