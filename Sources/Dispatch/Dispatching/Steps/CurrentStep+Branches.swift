// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// Steps that have branches.
///
/// A branch is a run of its own. It finds what has come of the steps before it, and takes back by itself what it has done; the
/// run that waits for it learns how it ended.
extension CurrentStep {
  /// The most bytes that the branches of a fork may begin with, or leave behind, altogether.
  static let mostBranchBytes = 16 << 20

  /// What the step asks for that is a fork.
  func work(
    forking fork: Step.Fork,
    _ surroundings: ScopeSurroundings
  ) throws(EvaluationError) -> Work {
    let seeds: [BranchWork.Seed]
    var (name, concurrency) = (rule.id, Int.max)
    switch fork.kind {
    case .parallel(let blocks):
      let bed = SeedBed(run, isOwn: true)
      seeds = blocks.enumerated().map { place, block in bed.seed(block.lowerBound, place, []) }
    case .forEach(let list, let block, let limit):
      guard case .array(let items) = try value(of: list, surroundings) else {
        return .impossible("what '\(step.id)' is to go through is not a list")
      }
      let needed = fork.waitFor.needed(of: items.count)
      guard needed <= items.count else {
        return .impossible("of \(items.count) items \(needed) cannot succeed")
      }
      if items.isEmpty { return .note(Array("[]".utf8)) }
      guard items.count <= Step.Fork.mostBranches else {
        return .impossible("\(items.count) items are too many: \(Step.Fork.mostBranches) is the limit")
      }
      concurrency = limit
      let bed = SeedBed(run, isOwn: true)
      seeds = items.enumerated().map { place, item in
        let members = [JSONValue.Member("item", item), .init("index", .number("\(place)"))]
        return bed.seed(block.lowerBound, place, members)
      }
    case .call(let called, let input):
      name = called
      let told = JSONValue.Member("input", try value(of: input, surroundings))
      seeds = [SeedBed(run, isOwn: false).seed(0, 0, [told])]
    }
    guard seeds.reduce(0, { $0 + $1.outputs.count }) <= Self.mostBranchBytes else {
      return .impossible(
        "what has come of the steps before '\(step.id)' is too large for \(seeds.count) branches"
      )
    }
    return .branches(.make(BranchWork.Making(rule: name, seeds: seeds, concurrency: concurrency)))
  }

  /// What a branch means to the run.
  func end(of branch: Run, _ called: Rule) -> BranchEnd {
    let isOwn = called === rule
    let block = isOwn ? step.fork?.block(at: branch.branch?.place ?? 0) : called.steps.indices
    var members = StepResults.results(of: block ?? 0..<0, in: branch.outputs, called)
    if branch.state != .done { members.append(.init("error", .string(branch.failure ?? "it was cancelled"))) }
    return BranchEnd(
      run: branch,
      results: .object(members),
      owes: branch.state == .done && StepResults.nextUndone(in: branch.outputs) != nil
    )
  }

  /// How a branch goes on that has not succeeded: from where it failed, or anew if it has taken back what it had done.
  func another(_ branch: Run, _ called: Rule, _ orders: [String: Key]) -> RunChange? {
    guard branch.state != .done, let place = branch.branch?.place else { return nil }
    let isNew = branch.state == .compensated || StepResults.failure(in: branch.outputs) != nil
    let first = called === rule ? step.fork?.block(at: place)?.lowerBound ?? 0 : 0
    let index = isNew ? first : branch.step
    let listener = called.steps[index].listener
    let outputs = isNew ? StepResults.anew(from: first, in: branch.outputs) : branch.outputs
    let next = NextStep(
      index,
      by: listener,
      turn: turn(at: listener, orders),
      owes: !isNew && branch.owes
    )
    return .resume(branch.id, from: next, outputs: outputs)
  }

  /// How a branch takes back what it has done.
  func undoing(_ end: BranchEnd) -> RunChange {
    let reason = StepResults.failure(in: run.outputs) ?? "the run is taken back"
    let outputs = StepResults.adding(failure: reason, to: end.run.outputs)
    return .undo(end.run.id, by: Step.ownListener, outputs: outputs)
  }

  /// Whether the run has ended before and takes back what it has done, so that its step is not made.
  var onlyTakesBack: Bool { run.isCancelled && run.listener != step.listener }

  /// The turn of the run at a listener; nil if that has no order.
  func turn(at listener: String, _ orders: [String: Key]) -> [UInt8]? {
    orders[listener].map { order in
      let scope = Scope(event: JSONContent(scannedEvent.document), in: .empty)
      return Turn.name(of: listener, order, in: scope)
    }
  }
}

extension Step.Fork {
  /// The steps of a branch; nil when they are not this rule's.
  func block(at place: Int) -> Range<Int>? {
    switch kind {
    case .parallel(let blocks): blocks.indices.contains(place) ? blocks[place] : nil
    case .forEach(_, let block, _): block
    case .call: nil
    }
  }
}
