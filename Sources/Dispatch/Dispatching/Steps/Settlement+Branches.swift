// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules

/// What becomes of a run that has branches.
extension CurrentStep {
  /// What it means for the run that its step has branches which begin, go on, or have ended.
  func settlement(
    branches ending: BranchEnding,
    clock: any HostClock,
    steady: SteadyClock,
    orders: [String: Key]
  ) -> Settlement {
    switch ending {
    case .made(let making, let rule): made(making, of: rule, steady, orders)
    case .goingOn(let number, let changes, let needed):
      waiting(for: Fork(number, changes: changes, needed: needed), run.outputs, steady)
    case .joined(let ends): joined(ends, clock, orders)
    }
  }

  private func made(
    _ making: BranchWork.Making,
    of rule: Rule,
    _ steady: SteadyClock,
    _ orders: [String: Key]
  ) -> Settlement {
    let number = StepResults.forks(in: run.outputs) + 1
    let gate = SuccessionName(owner: rule.id, key: Array("fork/\(run.id.rawValue)/\(number)".utf8)).bytes
    let isLimited = making.concurrency < making.seeds.count
    let branches = making.seeds.enumerated().map { place, seed in
      let listener = rule.steps[seed.first].listener
      let names = RunNames(rule: rule.id, revision: run.revision, listener: listener)
      var new = NewRun(
        position: run.position,
        names: names,
        state: place < making.concurrency ? .pending : .queued
      )
      new.inputs = run.inputs
      new.step = seed.first
      new.outputs = seed.outputs
      new.turn = turn(at: listener, orders)
      new.gate = isLimited ? gate : nil
      new.branch = Branch(of: run.id, fork: number, place: place)
      return new
    }
    let needed = step.fork?.waitFor.needed(of: branches.count)
    let outputs = StepResults.adding(fork: number, of: run.step, to: run.outputs)
    return waiting(for: Fork(number, branches: branches, needed: needed), outputs, steady)
  }

  private func waiting(for fork: Fork, _ outputs: [UInt8]?, _ steady: SteadyClock) -> Settlement {
    let count = fork.branches.count + fork.changes.count
    return Settlement(
      change: .hold(run.id, due: steady.now() + Self.lifetime, outputs: outputs),
      events: EventBatch(),
      outcome: StepOutcome(.waiting, Array(#"{"branches":\#(count)}"#.utf8)),
      fork: fork
    )
  }

  private func joined(_ ends: [BranchEnd], _ clock: any HostClock, _ orders: [String: Key]) -> Settlement {
    var outputs = run.outputs
    // What branches have done is taken back by them, which is one step of this run.
    if ends.contains(where: \.owes) { outputs = StepResults.adding(doneStep: run.step, to: outputs) }
    if run.isCancelled { return cancellation(outputs, clock, orders) }
    let needed = step.fork?.waitFor.needed(of: ends.count) ?? ends.count
    guard ends.count(where: \.isDone) >= needed else {
      return failure(Self.reason(ends), outputs, clock, orders)
    }
    guard let output = output(of: ends), output.count <= Self.mostBranchBytes else {
      return failure("what has come of the branches is too large to be kept", outputs, clock, orders)
    }
    if case .parallel? = step.fork?.kind {
      for end in ends where end.isDone {
        guard let block = step.fork?.block(at: end.run.branch?.place ?? 0) else { continue }
        outputs = StepResults.merging(end.run.outputs, into: outputs, block)
      }
    }
    outputs = StepResults.adding(output, of: run.step, to: outputs)
    return Settlement(
      change: goingOn(with: step.following, outputs, orders),
      events: EventBatch(),
      outcome: StepOutcome(.done, output)
    )
  }

  /// What later steps find as the output of the step.
  private func output(of ends: [BranchEnd]) -> [UInt8]? {
    let value: JSONValue
    switch step.fork?.kind {
    case .forEach: value = .array(ends.map(\.results))
    case .call: value = ends.first?.results ?? [:]
    default:
      let done = ends.filter(\.isDone).map { JSONValue.number("\($0.run.branch?.place ?? 0)") }
      value = ["done": .array(done)]
    }
    return Array(value.json.utf8)
  }

  /// Why the step has failed: the reason of the first branch that has.
  private static func reason(_ ends: [BranchEnd]) -> String {
    let failed = ends.filter { !$0.isDone }
    let first = failed.first { $0.run.state != .cancelled } ?? failed.first
    guard let first, let place = first.run.branch?.place else { return "it has failed" }
    let reason = first.run.failure ?? "it was cancelled"
    return ends.count == 1 ? reason : "branch \(place + 1) of \(ends.count): \(reason)"
  }
}
