// SPDX-License-Identifier: Apache-2.0

public import EventModel

extension ParameterSchema {
  /// What is wrong with a value, in words, one line for each mistake; empty when it fits.
  ///
  /// `path` is what the value is called, such as `amount`.
  public func problems(in value: JSONValue, at path: String) -> [String] {
    switch (self, value) {
    case (.any, _), (.string(allowed: []), .string), (.number, .number), (.boolean, .bool): return []
    case (.string(let allowed), .string(let text)):
      guard !allowed.contains(text) else { return [] }
      return ["'\(text)' is not possible for '\(path)': give one of \(allowed.joined(separator: ", "))"]
    case (.integer, .number(let text)) where Self.isWhole(text): return []
    case (.list(let element), .array(let elements)):
      return elements.enumerated().flatMap { element.problems(in: $1, at: "\(path)[\($0)]") }
    case (.map(let element), .object(let members)):
      return members.flatMap { element.problems(in: $0.value, at: "\(path).\($0.key)") }
    case (.object(let properties), .object(let members)):
      return Self.problems(in: members, properties, at: path)
    default: return ["\(noun) was expected for '\(path)', not \(value.json.prefix(80))"]
    }
  }

  private static func problems(in members: [JSONValue.Member], _ properties: [Property], at path: String)
    -> [String]
  {
    let prefix = path.isEmpty ? "" : path + "."
    var problems: [String] = []
    for member in members {
      guard let property = properties.first(where: { $0.name == member.key }) else {
        let known = properties.map(\.name).joined(separator: ", ")
        let help = known.isEmpty ? "there are none" : "known are \(known)"
        problems.append("there is no parameter '\(prefix)\(member.key)': \(help)")
        continue
      }
      problems += property.schema.problems(in: member.value, at: prefix + member.key)
    }
    let given = Set(members.map(\.key))
    for property in properties where property.isRequired && !given.contains(property.name) {
      let summary = property.summary.isEmpty ? "" : " (\(property.summary))"
      problems.append("'\(prefix)\(property.name)' is missing\(summary)")
    }
    return problems
  }

  /// Whether a number has no fraction, whatever way it is written in.
  private static func isWhole(_ text: String) -> Bool {
    Int64(text) != nil || Double(text).map { $0.rounded() == $0 && $0.isFinite } ?? false
  }

  /// What fits, for messages.
  public var noun: String {
    switch self {
    case .any: "a value"
    case .string: "a text"
    case .integer: "a whole number"
    case .number: "a number"
    case .boolean: "true or false"
    case .list: "a list"
    case .map, .object: "a mapping"
    }
  }
}
