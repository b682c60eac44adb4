// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// What all branches of a fork begin with.
struct SeedBed {
  /// What the run was told itself that its branches are told, too.
  private let inherited: [JSONValue.Member]
  private let results: [JSONValue.Member]
  /// Where the fork belongs.
  private let path: String

  /// Prepares it; a branch of another rule does not see what came of this one's steps.
  init(_ run: Run, isOwn: Bool) {
    path = (StepResults.keyPath(in: run.outputs).map { $0 + "/" } ?? "") + "\(run.step)."
    results = isOwn ? StepResults.results(in: run.outputs) : []
    guard isOwn else {
      inherited = run.replay.map { [.init("replay", .string($0))] } ?? []
      return
    }
    var told: [JSONValue.Member] = []
    if case .object(let members)? = StepResults.told(in: run.outputs) {
      told = members.filter { $0.key != "path" && $0.key != "root" }
    }
    let root = StepResults.root(in: run.outputs) ?? run.id.rawValue
    inherited = told + [.init("root", .number("\(root)"))]
  }

  /// What one branch begins with, which is told something of its own.
  func seed(_ first: Int, _ place: Int, _ told: [JSONValue.Member]) -> BranchWork.Seed {
    let others = inherited.filter { member in !told.contains { $0.key == member.key } }
    let all = told + [.init("path", .string("\(path)\(place)"))] + others
    return BranchWork.Seed(first: first, outputs: StepResults.seed(all, results))
  }
}
