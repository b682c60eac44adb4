// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Turns a pattern's JSON into alternatives, each a map from dotted paths to allowed values.
enum PatternCompiler {
  typealias Alternative = [String: [ValuePattern]]

  private static let operators: Set = [
    "exactly", "prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "exists", "cidr",
    "wildcard", "anything-but-prefix", "anything-but-suffix", "anything-but-ignore-case",
    "anything-but-wildcard",
  ]

  static func compile(_ pattern: JSONValue) throws(PatternError) -> [Alternative] {
    var alternatives: [Alternative] = [[:]]
    try compile(pattern, path: [], into: &alternatives)
    return alternatives
  }

  private static func compile(
    _ value: JSONValue,
    path: [String],
    into alternatives: inout [Alternative]
  ) throws(PatternError) {
    guard case .object(let members) = value else { throw PatternError("an object or a list was expected") }
    guard !members.isEmpty else { throw PatternError("an object without keys matches nothing") }
    for member in lastOfEach(members) {
      do throws(PatternError) {
        try compile(member, path: path, into: &alternatives)
      } catch {
        throw error.within(.key(member.key))
      }
    }
  }

  /// The members without those whose key comes again later.
  private static func lastOfEach(_ members: [JSONValue.Member]) -> [JSONValue.Member] {
    var seen: Set<String> = []
    return members.reversed().filter { seen.insert($0.key).inserted }.reversed()
  }

  private static func compile(
    _ member: JSONValue.Member,
    path: [String],
    into alternatives: inout [Alternative]
  ) throws(PatternError) {
    if member.key == "$or", let branches = branches(of: member.value) {
      return try compile(branches, path: path, into: &alternatives)
    }
    let path = path + [member.key]
    guard case .array(let elements) = member.value else {
      return try compile(member.value, path: path, into: &alternatives)
    }
    guard !elements.isEmpty else { throw PatternError("a list without values matches nothing") }
    var allowed: [ValuePattern] = []
    for (index, element) in elements.enumerated() {
      do throws(PatternError) {
        allowed.append(try OperatorCompiler.compile(element))
      } catch {
        throw error.within(.element(index))
      }
    }
    let name = path.joined(separator: ".")
    for index in alternatives.indices { alternatives[index][name] = allowed }
  }

  /// The branches of an `$or`, or nil when that is an ordinary key.
  private static func branches(of value: JSONValue) -> [JSONValue]? {
    guard case .array(let elements) = value, elements.count >= 2 else { return nil }
    for element in elements {
      guard case .object(let members) = element, !members.contains(where: { operators.contains($0.key) })
      else {
        return nil
      }
    }
    return elements
  }

  private static func compile(
    _ branches: [JSONValue],
    path: [String],
    into alternatives: inout [Alternative]
  ) throws(PatternError) {
    let (estimate, overflows) = alternatives.count.multipliedReportingOverflow(by: branches.count)
    guard !overflows, estimate <= EventPattern.maximumConjunctions else {
      let count = overflows ? "too many" : "at least \(estimate)"
      throw PatternError(
        "the choices of $or make \(count) combinations, and \(EventPattern.maximumConjunctions) are allowed"
      )
    }
    var result: [Alternative] = []
    for (index, branch) in branches.enumerated() {
      var own = alternatives
      do throws(PatternError) {
        try compile(branch, path: path, into: &own)
      } catch {
        throw error.within(.element(index))
      }
      result += own
    }
    alternatives = result
  }
}
