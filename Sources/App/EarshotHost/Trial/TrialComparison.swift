// SPDX-License-Identifier: Apache-2.0

import Dispatching
import EventModel

/// Compares what a rule did with what it should have done.
struct TrialComparison {
  /// What is expected, and when, if that matters.
  typealias TimedWish = (wish: Wish, offset: Duration?)

  private let wishes: [TimedWish]
  private let deeds: [RuleTrial.TimedDeed]

  init(_ wishes: [TimedWish], _ deeds: [RuleTrial.TimedDeed]) {
    self.wishes = wishes
    self.deeds = deeds
  }

  /// What is different, in words.
  var problems: [String] {
    var problems: [String] = []
    for number in 0..<max(wishes.count, deeds.count) {
      let wish = wishes.indices.contains(number) ? wishes[number] : nil
      let deed = deeds.indices.contains(number) ? deeds[number] : nil
      switch (wish, deed) {
      case (let wish?, let deed?):
        let found = difference(wish.wish, deed.deed) + lateness(wish.offset, deed.offset)
        if !found.isEmpty {
          problems.append("\(number + 1). expected \(Self.text(wish.wish))")
          problems.append("\(number + 1). happened \(Self.text(deed.deed))")
          problems += found.map { "   " + $0 }
        }
      case (let wish?, nil):
        problems.append("\(number + 1). expected \(Self.text(wish.wish)), and nothing more happened")
      case (nil, let deed?): problems.append("\(number + 1). unexpected: \(Self.text(deed.deed))")
      case (nil, nil): break
      }
    }
    return problems
  }

  private func lateness(_ expected: Duration?, _ found: Duration) -> [String] {
    guard let expected, expected != found else { return [] }
    return ["it happened at \(DurationText.text(of: found)), not at \(DurationText.text(of: expected))"]
  }

  private func difference(_ wish: Wish, _ deed: RuleTrial.Deed) -> [String] {
    switch (wish, deed) {
    case (.action(let step, let with), .action(let made, let actual)):
      if step != made { return ["it is another step"] }
      return with.map { JSONDifference.find(expected: $0, found: actual) } ?? []
    case (.action(let step, let with), .emit(let made, let event)):
      if step != made { return ["it is another step"] }
      return with.map { JSONDifference.find(expected: $0, found: event) } ?? []
    case (.emit(let event), .emit(_, let actual)): return JSONDifference.find(expected: event, found: actual)
    case (.failure(let code), .failure(let data)):
      return code == nil || data["code"]?.string == code ? [] : ["it is another error"]
    default: return ["it is something else"]
    }
  }

  private static func text(_ wish: Wish) -> String {
    switch wish {
    case .action(let step, let with): "the action '\(step)'" + (with.map { " with \($0.json)" } ?? "")
    case .emit(let event): "the event \(event.json)"
    case .failure(let code): "a condition without a value" + (code.map { " (\($0))" } ?? "")
    }
  }

  private static func text(_ deed: RuleTrial.Deed) -> String {
    switch deed {
    case .action(let step, let with): "the action '\(step)' with \(with.json)"
    case .emit(_, let event): "the event \(event.json)"
    case .impossible(let step, let reason): "the step '\(step)' could not be made: \(reason)"
    case .failure(let data):
      "the condition had no value (\(data["code"]?.string ?? "")): "
        + "\(data["part"]?.string ?? ""): \(data["message"]?.string ?? "")"
    }
  }
}

/// Finds where a value is not what was expected; of objects only the members that are expected count at the top.
enum JSONDifference {
  static func find(expected: JSONValue, found: JSONValue) -> [String] {
    guard case .object(let members) = expected, case .object = found else {
      return compare(expected, found, at: "")
    }
    return members.flatMap { member in
      found[member.key].map { compare(member.value, $0, at: member.key) } ?? ["\(member.key): is missing"]
    }
  }

  private static func compare(_ expected: JSONValue, _ found: JSONValue, at path: String) -> [String] {
    switch (expected, found) {
    case (.object(let members), .object(let others)):
      let missing = members.filter { found[$0.key] == nil }.map { "\(path).\($0.key): is missing" }
      let more = others.filter { expected[$0.key] == nil }.map { "\(path).\($0.key): is not expected" }
      let deeper = members.flatMap { member in
        found[member.key].map { compare(member.value, $0, at: "\(path).\(member.key)") } ?? []
      }
      return missing + more + deeper
    case (.array(let elements), .array(let others)):
      if elements.count != others.count {
        return ["\(path): \(others.count) elements instead of \(elements.count)"]
      }
      return zip(elements, others).enumerated().flatMap { compare($1.0, $1.1, at: "\(path)[\($0)]") }
    case (.number(let text), .number(let other)):
      return Double(text) == Double(other) ? [] : ["\(path): \(other) instead of \(text)"]
    default: return expected == found ? [] : ["\(path): \(found.json) instead of \(expected.json)"]
    }
  }
}
