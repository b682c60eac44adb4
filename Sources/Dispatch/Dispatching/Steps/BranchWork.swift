// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules

/// What a step asks for that has branches.
public enum BranchWork: Sendable, Hashable {
  /// Branches are to be made.
  case make(Making)
  /// The branches of a fork have ended.
  case join(fork: Int)
  /// Those of a fork that have not succeeded are to be tried again.
  case again(fork: Int)
  /// Those of a fork that have done something are to take it back.
  case undo(fork: Int)

  /// Branches to be made.
  public struct Making: Sendable, Hashable {
    /// The rule whose steps they make.
    let rule: String
    /// What each finds as its own: with which step it begins, and what it is told.
    var seeds: [Seed]
    /// How many go on at once.
    let concurrency: Int
  }

  /// What one branch begins with.
  struct Seed: Sendable, Hashable {
    let first: Int
    let outputs: [UInt8]
  }
}

/// A branch that has ended, as far as the run that waits for it wants to know.
struct BranchEnd: Sendable {
  let run: Run
  /// What came of its steps, by their ids; with the reason under `error` if it has failed.
  let results: JSONValue
  /// Whether it has done something that could be taken back.
  let owes: Bool

  var isDone: Bool { run.state == .done }
}

/// How a step has ended that has branches.
enum BranchEnding: Sendable {
  /// Branches are made.
  case made(BranchWork.Making, of: Rule)
  /// The branches have ended.
  case joined([BranchEnd])
  /// Branches of a fork go on, of which so many must succeed, or all are waited for.
  case goingOn(fork: Int, [RunChange], needed: Int?)
}
