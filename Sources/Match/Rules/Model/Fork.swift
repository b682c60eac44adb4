// SPDX-License-Identifier: Apache-2.0

public import Expressions

extension Step {
  /// Steps that are made apart from the run's own, each block of them by a branch for which the run waits.
  public struct Fork: Sendable {
    /// What the branches are.
    public enum Kind: Sendable {
      /// One for each of these blocks of steps, by their indexes.
      case parallel([Range<Int>])
      /// One for each item of a list, by the indexes of its steps; so many go on at once.
      case forEach(items: ValueTemplate, Range<Int>, concurrency: Int)
      /// One, which is a run of another rule that finds these values under `input`.
      case call(rule: String, input: ValueTemplate)
    }

    /// How many branches must succeed.
    public enum WaitFor: Sendable, Hashable {
      /// All of them.
      case all
      /// So many of them; at least 1.
      case count(Int)

      /// How many of a number of branches that is.
      public func needed(of branches: Int) -> Int {
        switch self {
        case .all: branches
        case .count(let count): count
        }
      }
    }

    /// How many branches a run may have at once.
    public static let mostBranches = 10_000

    /// What the branches are.
    public let kind: Kind
    /// How many must succeed.
    public let waitFor: WaitFor

    /// What the branches depend on.
    var value: ValueTemplate? {
      switch kind {
      case .parallel: nil
      case .forEach(let items, _, _): items
      case .call(_, let input): input
      }
    }

    /// The blocks of steps that are this rule's own.
    public var blocks: [Range<Int>] {
      switch kind {
      case .parallel(let blocks): blocks
      case .forEach(_, let block, _): [block]
      case .call: []
      }
    }
  }

  /// The fork that the step is; nil when it is something else.
  public var fork: Fork? { if case .fork(let fork) = action { fork } else { nil } }
}

extension Rule {
  /// The rules that this one calls.
  public var calls: [String] {
    steps.compactMap { if case .call(let rule, _)? = $0.fork?.kind { rule } else { nil } }
  }
}
