// SPDX-License-Identifier: Apache-2.0

import EventModel
import Rules

/// What results say of branches.
///
/// - `&` behind the index of a step: which fork of the run it is; alone: how many forks there have been;
/// - `$`: what a branch is told: the `root` run that it belongs to, its `path` from there, the `item` and `index` for which it
///   is made, and the `input` that it is given; of a run that is none, whether it is a `shadow`, and to which `replay` it belongs;
/// - `+`: how often steps that were taken back have been made anew.
extension StepResults {
  private static let forkMark = "&"
  private static let toldKey = "$"
  private static let renewalMark = "+"

  /// What a run begins with that has no effect, or belongs to a replay, whose steps have keys of their own.
  static func seed(isShadow: Bool, replay: String?) -> [UInt8] {
    var told: [JSONValue.Member] = isShadow ? [.init("shadow", .bool(true))] : []
    if let replay { told += [.init("path", .string("replay/\(replay)")), .init("replay", .string(replay))] }
    return seed(told, [])
  }

  /// How many forks a run has had.
  static func forks(in outputs: [UInt8]?) -> Int { number(forkMark, in: outputs) ?? 0 }

  /// Which fork of the run a step is; nil when it has no branches yet.
  static func fork(of step: Int, in outputs: [UInt8]?) -> Int? { number("\(step)\(forkMark)", in: outputs) }

  private static func number(_ key: String, in outputs: [UInt8]?) -> Int? {
    guard outputs?.contains(where: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "+") }) == true else {
      return nil
    }
    return members(of: outputs).last { $0.key == key }.flatMap { $0.value.int }
  }

  /// Notes that a step has branches.
  static func adding(fork: Int, of step: Int, to outputs: [UInt8]?) -> [UInt8] {
    let others = members(of: outputs).filter { $0.key != forkMark }
    let number = JSONValue.number("\(fork)")
    let all = others + [.init("\(step)\(forkMark)", number), .init(forkMark, number)]
    return Array(JSONValue.object(all).json.utf8)
  }

  /// What has come of the steps so far, which branches find.
  static func results(in outputs: [UInt8]?) -> [JSONValue.Member] {
    members(of: outputs).filter { isResult($0.key) }
  }

  /// What a branch begins with: what it is told, and what has come of the steps before it.
  static func seed(_ told: [JSONValue.Member], _ results: [JSONValue.Member]) -> [UInt8] {
    Array(JSONValue.object([.init(toldKey, .object(told))] + results).json.utf8)
  }

  /// What a branch is told; nil when the run is none.
  static func told(in outputs: [UInt8]?) -> JSONValue? {
    guard outputs?.starts(with: Array("{\"\(toldKey)\"".utf8)) == true else { return nil }
    return members(of: outputs).first?.value
  }

  /// Where a branch belongs in the run that it is a part of; nil when the run is none.
  static func path(in outputs: [UInt8]?) -> String? { told(in: outputs)?["path"]?.string }

  /// What tells the steps of a run from those that other branches make, or that were taken back before; nil when there are none.
  static func keyPath(in outputs: [UInt8]?) -> String? {
    guard let outputs, !outputs.isEmpty else { return nil }
    let path = path(in: outputs)
    let renewals = outputs.contains(UInt8(ascii: "+")) ? number(renewalMark, in: outputs) : nil
    return renewals.map { (path ?? "") + "\(renewalMark)\($0)" } ?? path
  }

  /// The results of the steps before one, when it and later ones are made anew that have been taken back.
  static func anew(from step: Int, in outputs: [UInt8]?) -> [UInt8]? {
    let renewals = (number(renewalMark, in: outputs) ?? 0) + 1
    let others = members(of: before(step, in: outputs)).filter { $0.key != renewalMark }
    let all = others + [.init(renewalMark, .number("\(renewals)"))]
    return Array(JSONValue.object(all).json.utf8)
  }

  /// Whether a step or a later one has been taken back.
  static func hasUndone(from step: Int, in outputs: [UInt8]?) -> Bool {
    members(of: outputs).contains { $0.key.hasSuffix("^") && index($0.key) ?? -1 >= step }
  }

  /// The run that a branch belongs to, of the same rule.
  static func root(in outputs: [UInt8]?) -> Int64? { told(in: outputs)?["root"]?.int.map { Int64($0) } }

  /// The outputs of some steps, by their ids.
  static func results(of block: Range<Int>, in outputs: [UInt8]?, _ rule: Rule) -> [JSONValue.Member] {
    members(of: outputs).compactMap { member in
      Int(member.key).flatMap { block.contains($0) ? JSONValue.Member(rule.steps[$0].id, member.value) : nil }
    }
  }

  /// The results of a run together with those that a branch has of its own steps.
  static func merging(_ branch: [UInt8]?, into outputs: [UInt8]?, _ block: Range<Int>) -> [UInt8]? {
    let own = members(of: branch).filter { member in
      isResult(member.key) && block.contains(index(member.key) ?? -1)
    }
    return own.isEmpty ? outputs : Array(JSONValue.object(members(of: outputs) + own).json.utf8)
  }

  /// The results of the steps before one, as if no later step had ever been made.
  static func before(_ step: Int, in outputs: [UInt8]?) -> [UInt8]? {
    let kept = members(of: outputs).filter { member in
      index(member.key).map { $0 < step } ?? [forkMark, toldKey, renewalMark].contains(member.key)
    }
    return kept.isEmpty ? nil : Array(JSONValue.object(kept).json.utf8)
  }

  /// The index of the step that a key is about.
  private static func index(_ key: String) -> Int? { Int(key.prefix { $0.isASCII && $0.isNumber }) }

  /// Whether an output stands under a key, or the reason for which a step has failed.
  private static func isResult(_ key: String) -> Bool {
    Int(key) != nil || key.count > 1 && key.last == "!"
  }
}
