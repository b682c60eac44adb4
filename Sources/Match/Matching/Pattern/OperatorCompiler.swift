// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Reads one element of a pattern's list: a literal, or an object with one operator.
enum OperatorCompiler {
  static func compile(_ value: JSONValue) throws(PatternError) -> ValuePattern {
    switch value {
    case .null: return .literal(.null)
    case .bool(let value): return .literal(.bool(value))
    case .number(let text): return .literal(.number(NumberLiteral(text)))
    case .string(let text): return literal(text)
    case .array: throw PatternError("a list may hold values and operators, but no list")
    case .object(let members):
      guard let member = members.first, members.count == 1 else {
        throw PatternError("an operator is an object with one key")
      }
      do throws(PatternError) {
        return try compile(member)
      } catch {
        throw error.within(.key(member.key))
      }
    }
  }

  private static func literal(_ text: String) -> ValuePattern {
    let bytes = Array(text.utf8)
    return IPAddress(bytes).map { .address($0, bytes) } ?? .literal(.string(bytes))
  }

  private static func compile(_ member: JSONValue.Member) throws(PatternError) -> ValuePattern {
    switch member.key {
    case "exactly": return .literal(.string(try text(member.value)))
    case "equals-ignore-case": return .text(.ignoringCase(try folded(member.value)))
    case "prefix": return .text(try affix(member.value, isPrefix: true))
    case "suffix": return .text(try affix(member.value, isPrefix: false))
    case "wildcard": return .text(.wildcard(try Wildcard(try string(member.value))))
    case "exists":
      guard case .bool(let exists) = member.value else { throw PatternError("true or false was expected") }
      return exists ? .exists : .absent
    case "numeric": return .numeric(try NumericRange(member.value))
    case "cidr": return .network(try IPNetwork(try string(member.value)))
    case "anything-but": return try anythingBut(member.value)
    default: throw PatternError("there is no operator '\(member.key)'")
    }
  }

  private static func affix(_ value: JSONValue, isPrefix: Bool) throws(PatternError) -> TextPattern {
    if case .object(let members) = value {
      guard members.count == 1, members[0].key == "equals-ignore-case" else {
        throw PatternError("only equals-ignore-case is possible here")
      }
      let folded = try folded(members[0].value)
      return isPrefix ? .prefixIgnoringCase(folded) : .suffixIgnoringCase(folded)
    }
    let text = try text(value)
    return isPrefix ? .prefix(text) : .suffix(text)
  }

  private static func anythingBut(_ value: JSONValue) throws(PatternError) -> ValuePattern {
    switch value {
    case .string, .number: return .anythingBut(try excluded([value]))
    case .array(let elements): return .anythingBut(try excluded(elements))
    case .object(let members):
      guard let member = members.first, members.count == 1 else {
        throw PatternError("an operator is an object with one key")
      }
      return .anythingButText(try excludedTexts(member))
    default: throw PatternError("a text, a number, a list of these or an operator was expected")
    }
  }

  private static func excluded(_ values: [JSONValue]) throws(PatternError) -> [Literal] {
    guard let first = values.first else { throw PatternError("the list is empty") }
    var literals: [Literal] = []
    for value in values {
      switch (first, value) {
      case (.string, .string(let text)): literals.append(.string(Array(text.utf8)))
      case (.number, .number(let text)):
        let number = NumberLiteral(text)
        guard number.value != nil else { throw PatternError("\(text) cannot be compared exactly") }
        literals.append(.number(number))
      default: throw PatternError("either texts or numbers were expected")
      }
    }
    return literals
  }

  private static func excludedTexts(_ member: JSONValue.Member) throws(PatternError) -> [TextPattern] {
    let values: [JSONValue]
    if case .array(let elements) = member.value { values = elements } else { values = [member.value] }
    guard !values.isEmpty else { throw PatternError("the list is empty") }
    var patterns: [TextPattern] = []
    for value in values {
      let string = try string(value)
      switch member.key {
      case "equals-ignore-case": patterns.append(.ignoringCase(CaseFolding(string)))
      case "wildcard": patterns.append(.wildcard(try Wildcard(string)))
      case "prefix", "suffix":
        guard !string.isEmpty else { throw PatternError("an empty text excludes everything") }
        patterns.append(member.key == "prefix" ? .prefix(Array(string.utf8)) : .suffix(Array(string.utf8)))
      default: throw PatternError("there is no operator '\(member.key)' inside anything-but")
      }
    }
    return patterns
  }

  private static func folded(_ value: JSONValue) throws(PatternError) -> CaseFolding {
    CaseFolding(try string(value))
  }

  private static func text(_ value: JSONValue) throws(PatternError) -> [UInt8] {
    Array(try string(value).utf8)
  }

  private static func string(_ value: JSONValue) throws(PatternError) -> String {
    guard let string = value.string else { throw PatternError("a text was expected") }
    return string
  }
}
