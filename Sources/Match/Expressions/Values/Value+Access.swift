// SPDX-License-Identifier: Apache-2.0

/// Looking into lists, maps and optionals.
extension Value {
  /// The elements of a list.
  var listElements: [Value]? {
    switch self {
    case .list(let elements): elements
    case .json(let json) where json.isArray: json.elements
    default: nil
    }
  }

  /// The entries of a map.
  var mapEntries: [(key: Value, value: Value)]? {
    switch self {
    case .map(let map): return map.entries
    case .json(let json) where !json.isArray:
      var entries: [(key: Value, value: Value)] = []
      json.forEach { (key, value) throws(Never) in
        entries.append((key, value))
        return true
      }
      return entries
    default: return nil
    }
  }

  /// The value under a key of a map; nil when there is none.
  func entry(_ key: Value) -> Value? {
    switch (self, key) {
    case (.map(let map), _): map[key]
    case (.json(let json), .string(let name)): json.member(name)
    default: nil
    }
  }

  /// The number of code points, bytes, elements or entries.
  var size: Int? {
    switch self {
    case .string(let text): text.codePoints
    case .bytes(let bytes): bytes.count
    case .list(let elements): elements.count
    case .map(let map): map.entries.count
    case .json(let json): json.count
    default: nil
    }
  }

  /// A field; nil when the value has none of that name, an error when it cannot have fields.
  func field(_ name: Text) throws(EvaluationError) -> Value? {
    switch self {
    case .json(let json) where !json.isArray: return json.member(name)
    case .map(let map): return map[.string(name)]
    default: throw EvaluationError(.missing, "a value of type \(type.name) has no field '\(name.string)'")
    }
  }

  /// An element or entry; nil when there is none, an error when the value cannot have one.
  func element(_ index: Value) throws(EvaluationError) -> Value? {
    switch self {
    case .list(let elements):
      let number = try Self.elementNumber(index)
      return elements.indices.contains(number) ? elements[number] : nil
    case .json(let json):
      if json.isArray { return json.element(try Self.elementNumber(index)) }
      return entry(index)
    case .map(let map): return try map.value(for: index)
    default: throw EvaluationError(.overload, "a value of type \(type.name) has no elements")
    }
  }

  /// Any number that is whole can be an index.
  private static func elementNumber(_ index: Value) throws(EvaluationError) -> Int {
    switch index {
    case .int(let number): return Int(number)
    case .uint(let number): return Int(clamping: number)
    case .double(let number):
      if let number = Int(exactly: number) { return number }
    default: break
    }
    throw EvaluationError(.argument, "\(index.shortText) cannot be the index of a list")
  }

  /// Whether a value is an element of a list or a key of a map.
  func contains(_ value: Value) throws(EvaluationError) -> Bool {
    switch self {
    case .list(let elements): return elements.contains { Value.areEqual($0, value) }
    case .map(let map): return map[value] != nil
    case .json(let json):
      guard json.isArray else { return entry(value) != nil }
      var isFound = false
      json.forEach { (_, element) throws(Never) in
        isFound = Value.areEqual(element, value)
        return !isFound
      }
      return isFound
    default: throw .noOverload("in", value, self)
    }
  }
}

extension EvaluationError {
  /// Says that a function does not take values of these types.
  static func noOverload(_ function: String, _ values: Value...) -> EvaluationError {
    noOverload(function, values)
  }

  static func noOverload(_ function: String, _ values: [Value]) -> EvaluationError {
    let types = values.map(\.type.name)
    let numbers: Set<String> = ["int", "uint", "double"]
    let hint =
      types.count == 2 && types[0] != types[1] && types.allSatisfy(numbers.contains)
      ? "; numbers of JSON are doubles, so write 1.0 or convert with int(…)" : ""
    return EvaluationError(.overload, "'\(function)' does not take \(types.joined(separator: ", "))\(hint)")
  }
}
