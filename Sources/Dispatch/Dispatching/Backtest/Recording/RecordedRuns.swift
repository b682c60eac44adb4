// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import PluginWire
import Rules
import Synchronization

/// The runs that a log holds, and what has come of their steps.
///
/// Safe to use from any thread.
final class RecordedRuns: Sendable {
  /// How an attempt ended in the past.
  struct Ending: Sendable {
    let reply: RunReply
    /// When, in civil time.
    let time: Timestamp
  }

  private static let keptPositions = 4096
  private static let historyLimit = 1000

  private struct State {
    var recent: [LogPosition: [Run]] = [:]
    var older: [LogPosition: [Run]] = [:]
    var rules: [String: RuleSet?] = [:]
  }

  private let log: any LogReading
  private let fetchRules: @Sendable (_ revision: String) -> RuleSet?
  private let state = Mutex(State())

  init(_ log: any LogReading, fetchRules: @escaping @Sendable (_ revision: String) -> RuleSet?) {
    self.log = log
    self.fetchRules = fetchRules
  }

  /// The run that a rule has made of an event, or of several of which that one stands for all.
  func run(of rule: String, at position: LogPosition, inputs: [LogPosition]) throws(LogFailure) -> Run? {
    let runs = try runs(of: position).filter { $0.rule == rule && $0.position == position }
    return runs.first { $0.inputs == inputs } ?? runs.first
  }

  private func runs(of position: LogPosition) throws(LogFailure) -> [Run] {
    let known = state.withLock { state in state.recent[position] ?? state.older[position] }
    if let known { return known }
    let runs = try log.runs(of: position).filter { $0.branch == nil && $0.replay == nil }
    state.withLock { state in
      if state.recent.count >= Self.keptPositions { (state.older, state.recent) = (state.recent, [:]) }
      state.recent[position] = runs
    }
    return runs
  }

  /// How a step of a run ended, or of one of its branches, which `branches` leads to; nil when that is not known.
  func ending(of step: String, in id: RunID, branches: [Branch]) throws(LogFailure) -> Ending? {
    guard var run = try log.run(id) else { return nil }
    for branch in branches {
      let page = try log.branches(of: run.id, fork: branch.fork, after: branch.place - 1, limit: 1)
      guard let found = page.first, found.branch?.place == branch.place else { return nil }
      run = found
    }
    let history = try log.history(of: run.id, limit: Self.historyLimit)
    guard let entry = history.last(where: { $0.step == step && $0.kind.isEnding }) else {
      return try history.isEmpty ? singleEnding(of: step, in: run) : nil
    }
    if entry.kind == .dead {
      let reason = entry.result.flatMap { try? JSONValue(json: $0) }?.string ?? ""
      return Ending(reply: .fail(message: reason), time: entry.ended)
    }
    let output = try output(of: step, in: run) ?? entry.result
    return Ending(reply: .ack(output: output, emit: []), time: entry.ended)
  }

  /// The end of the only step of a run, of which the run itself says all.
  private func singleEnding(of step: String, in run: Run) throws(LogFailure) -> Ending? {
    if let rule = rule(of: run), rule.steps.first?.id != step { return nil }
    switch run.state {
    case .done: return Ending(reply: .ack(output: Self.output(at: 0, in: run), emit: []), time: run.updated)
    case .dead, .failed, .dropped:
      return Ending(reply: .fail(message: run.failure ?? ""), time: run.updated)
    default: return nil
    }
  }

  private func output(of step: String, in run: Run) throws(LogFailure) -> [UInt8]? {
    guard let index = rule(of: run)?.steps.firstIndex(where: { $0.id == step }) else { return nil }
    return Self.output(at: index, in: run)
  }

  private static func output(at index: Int, in run: Run) -> [UInt8]? {
    StepResults.output(of: index, in: run.outputs)
  }

  private func rule(of run: Run) -> Rule? {
    let known = state.withLock { $0.rules[run.revision] }
    let rules = known ?? fetchRules(run.revision)
    if known == nil { state.withLock { $0.rules[run.revision] = .some(rules) } }
    return rules?.rules.first { $0.id == run.rule }
  }
}

extension HistoryEntry.Kind {
  /// Whether a step has ended so, with an outcome that is known.
  fileprivate var isEnding: Bool { self == .done || self == .dead }
}
