// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// What has come of the steps of a run, as the log keeps it: a JSON object.
///
/// Under the index of a step stands its output, and under the index and `!` why it has failed.
enum StepResults {
  private static let errorMark = "!"

  /// The results by the steps' ids.
  static func read(_ run: Run, of rule: Rule) -> RunResults {
    var results = RunResults()
    results.run = run.id.rawValue
    guard let bytes = run.outputs, let value = try? JSONValue(json: bytes), case .object(let members) = value
    else { return results }
    for member in members {
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

  /// The results with the output of a step, a JSON value, or with none.
  static func adding(_ output: [UInt8]?, of step: Int, to outputs: [UInt8]?) -> [UInt8]? {
    guard let output else { return outputs }
    return adding(output, under: "\(step)", to: outputs)
  }

  /// The results with the reason for which a step has failed.
  static func adding(error: String, of step: Int, to outputs: [UInt8]?) -> [UInt8] {
    adding(Array(JSONValue.string(error).json.utf8), under: "\(step)\(errorMark)", to: outputs)
  }

  private static func adding(_ value: [UInt8], under key: String, to outputs: [UInt8]?) -> [UInt8] {
    var bytes = outputs.map { Array($0.dropLast()) + [UInt8(ascii: ",")] } ?? [UInt8(ascii: "{")]
    bytes += Array("\"\(key)\":".utf8)
    bytes += value
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
