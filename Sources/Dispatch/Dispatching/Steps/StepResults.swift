// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// What has come of the steps of a run, as the log keeps it: a JSON object.
///
/// Under the index of a step stands its output, and under the index and a mark, in the order in which it came about:
///
/// - `!` why it has failed, with which the run went on;
/// - `~` that it is done and could be taken back;
/// - `^` that it has been taken back;
/// - `@` that it waits for an event.
///
/// Under `!` alone stands why the run has failed that takes back what it has done. Branches have more
/// (`StepResults+Branches`).
enum StepResults {
  private static let errorMark = "!"
  private static let doneMark = "~"
  private static let undoneMark = "^"
  private static let awaitMark = "@"

  /// The results by the steps' ids.
  static func read(_ run: Run, of rule: Rule, key: JSONValue? = nil) -> RunResults {
    var results = RunResults()
    results.run = run.id.rawValue
    results.key = key
    if let told = told(in: run.outputs) {
      results.run = told["root"]?.int.map { Int64($0) } ?? results.run
      results.item = told["item"].map { ($0, told["index"]?.int ?? 0) }
      results.input = told["input"]
    }
    for member in members(of: run.outputs) {
      let isError = member.key.hasSuffix(errorMark)
      guard let index = Int(isError ? member.key.dropLast() : member.key[...]),
        rule.steps.indices.contains(index)
      else { continue }
      let step = rule.steps[index]
      if isError {
        results.errors[step.id] = member.value.string
      } else {
        results.outputs[step.id] = member.value
      }
      if case .set = step.action, case .object(let values) = member.value {
        // A later step comes later in the object.
        for value in values { results.variables[value.key] = value.value }
      }
    }
    return results
  }

  /// Whether a step has an output.
  static func has(_ step: Int, in outputs: [UInt8]?) -> Bool {
    guard let outputs, let document = try? JSONDocument(outputs) else { return false }
    return document.root["\(step)"] != nil
  }

  /// The output of a step.
  static func output(of step: Int, in outputs: [UInt8]?) -> [UInt8]? {
    guard let outputs, let document = try? JSONDocument(outputs), let output = document.root["\(step)"] else {
      return nil
    }
    return Array(JSONValue(output).json.utf8)
  }

  /// Whether a step has begun to wait for an event.
  static func isAwaiting(_ step: Int, in outputs: [UInt8]?) -> Bool {
    guard let outputs, let document = try? JSONDocument(outputs) else { return false }
    return document.root["\(step)\(awaitMark)"] != nil
  }

  /// Notes that a step begins to wait for an event.
  static func adding(awaitingStep step: Int, to outputs: [UInt8]?) -> [UInt8] {
    adding(Array("true".utf8), under: "\(step)\(awaitMark)", to: outputs)
  }

  /// The results with the output of a step, a JSON value, or with none.
  static func adding(_ output: [UInt8]?, of step: Int, to outputs: [UInt8]?) -> [UInt8]? {
    guard let output else { return outputs }
    return adding(output, under: "\(step)", to: outputs)
  }

  /// The results with the reason for which a step has failed.
  static func adding(error: String, of step: Int, to outputs: [UInt8]?) -> [UInt8] {
    adding(Array(JSONValue.string(error).json.utf8), under: "\(step)\(errorMark)", to: outputs)
  }

  /// Notes that a step is done which could be taken back.
  static func adding(doneStep step: Int, to outputs: [UInt8]?) -> [UInt8] {
    let key = "\(step)\(doneMark)"
    // Branches that have ended may be looked at again.
    if let outputs, members(of: outputs).contains(where: { $0.key == key }) { return outputs }
    return adding(Array("true".utf8), under: key, to: outputs)
  }

  /// Notes that a step has been taken back.
  static func adding(undoneStep step: Int, to outputs: [UInt8]?) -> [UInt8] {
    adding(Array("true".utf8), under: "\(step)\(undoneMark)", to: outputs)
  }

  /// Notes why a run has failed that takes back what it has done; the first reason stays.
  static func adding(failure: String, to outputs: [UInt8]?) -> [UInt8] {
    if let outputs, self.failure(in: outputs) != nil { return outputs }
    return adding(Array(JSONValue.string(failure).json.utf8), under: errorMark, to: outputs)
  }

  /// Why a run has failed that takes back what it has done; nil when it does not.
  static func failure(in outputs: [UInt8]?) -> String? {
    guard let outputs, let document = try? JSONDocument(outputs) else { return nil }
    return document.root[errorMark]?.string
  }

  /// The step that is to be taken back next: the last one that is done and has not been.
  static func nextUndone(in outputs: [UInt8]?) -> Int? {
    // Most runs have nothing of the kind.
    guard outputs?.contains(UInt8(ascii: "~")) == true else { return nil }
    let members = members(of: outputs)
    func steps(_ mark: String) -> [Int] {
      members.filter { $0.key.hasSuffix(mark) }.compactMap { Int($0.key.dropLast()) }
    }
    let undone = Set(steps(undoneMark))
    return steps(doneMark).last { !undone.contains($0) }
  }

  /// A step before one that is done no more, since it has been taken back.
  static func undone(before step: Int, in outputs: [UInt8]?) -> Int? {
    members(of: outputs).filter { $0.key.hasSuffix(undoneMark) }.compactMap { Int($0.key.dropLast()) }
      .first { $0 < step }
  }

  static func members(of outputs: [UInt8]?) -> [JSONValue.Member] {
    guard let outputs, let value = try? JSONValue(json: outputs), case .object(let members) = value else {
      return []
    }
    return members
  }

  private static func adding(_ value: [UInt8], under key: String, to outputs: [UInt8]?) -> [UInt8] {
    var bytes = outputs.map { Array($0.dropLast()) + [UInt8(ascii: ",")] } ?? [UInt8(ascii: "{")]
    bytes += Array("\"\(key)\":".utf8)
    bytes += value
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
