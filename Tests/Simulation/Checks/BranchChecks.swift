// SPDX-License-Identifier: Apache-2.0

import DurableLog
import Rules

/// What must hold of branches and the runs that wait for them when nothing happens any more.
struct BranchChecks {
  private let branches: [RunID: [Run]]
  private let runs: [RunID: Run]

  init(runs: [Run]) {
    branches = Dictionary(grouping: runs.filter { $0.branch != nil }) { $0.branch?.parent ?? .start }
    self.runs = Dictionary(uniqueKeysWithValues: runs.map { ($0.id, $0) })
  }

  /// Some runs, and all that wait for them.
  func waiting(for first: Set<RunID>) -> Set<RunID> {
    var found: Set<RunID> = []
    for run in first {
      var next: RunID? = run
      while let id = next, found.insert(id).inserted { next = runs[id]?.branch?.parent }
    }
    return found
  }

  /// What does not hold, if anything does not.
  func violation(_ scenario: Scenario) -> String? {
    for (id, branches) in branches {
      guard let parent = runs[id] else { return "the run \(id.rawValue) of branches is not there" }
      if let violation = miscounted(parent, branches) ?? leftBehind(parent, branches, scenario) {
        return violation
      }
    }
    return nil
  }

  /// A run that waits for another number of branches than there are, or does not wait.
  private func miscounted(_ parent: Run, _ branches: [Run]) -> String? {
    let open = branches.count { $0.state.isUnderWay }
    guard open != parent.join?.open ?? 0 else { return nil }
    return
      "run \(parent.id.rawValue), \(parent.state), waits for \(parent.join?.open ?? 0) branches of \(open)"
  }

  /// A branch that has done something that could be taken back, though its run has taken back all.
  private func leftBehind(_ parent: Run, _ branches: [Run], _ scenario: Scenario) -> String? {
    guard parent.state == .compensated else { return nil }
    let last = branches.compactMap(\.branch?.fork).max() ?? 0
    let left = branches.first { branch in
      branch.state == .done && branch.owes && branch.branch?.fork ?? 0 <= last
    }
    return left.map {
      "run \(parent.id.rawValue) has taken all back, and its branch \($0.id.rawValue) has not"
    }
  }
}

extension Scenario {
  /// How many runs may go on at once at the gate of a run.
  func most(at run: Run) -> Int {
    guard let rule = rule(run.rule, of: run.revision) else { return .max }
    guard run.branch != nil else { return rule.mode.most }
    let forks = rule.steps.compactMap(\.fork).filter { $0.blocks.contains { $0.contains(run.step) } }
    // Blocks in blocks are smaller.
    let innermost = forks.min { $0.blocks[0].count < $1.blocks[0].count }
    guard case .forEach(_, _, let concurrency)? = innermost?.kind else { return .max }
    return concurrency
  }
}
