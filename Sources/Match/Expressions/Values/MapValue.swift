// SPDX-License-Identifier: Apache-2.0

/// A map in the order in which it was written.
final class MapValue: Sendable {
  static let empty = MapValue()

  let entries: [(key: Value, value: Value)]
  private let index: [MapKey: Int]
  /// Finds the values of a map that is not written down, one at a time.
  private let find: (@Sendable (Value) throws(EvaluationError) -> Value?)?

  /// Makes a map whose values are found when they are asked for; it has no entries that could be counted or walked over.
  init(finding find: @escaping @Sendable (Value) throws(EvaluationError) -> Value?) {
    entries = []
    index = [:]
    self.find = find
  }

  private init() {
    find = nil
    entries = []
    index = [:]
  }

  /// Makes a map; fails with the key that is not of a key's type or that comes a second time.
  init(_ entries: [(key: Value, value: Value)]) throws(EvaluationError) {
    var index: [MapKey: Int] = [:]
    index.reserveCapacity(entries.count)
    for (number, entry) in entries.enumerated() {
      guard let key = MapKey(entry.key), entry.key.isKey else {
        throw EvaluationError(.argument, "a value of type \(entry.key.type.name) cannot be a key")
      }
      guard index.updateValue(number, forKey: key) == nil else {
        throw EvaluationError(.argument, "the key \(entry.key.shortText) comes twice")
      }
    }
    self.entries = entries
    self.index = index
    find = nil
  }

  /// Makes a map with texts for keys; of several with one key, the first one counts.
  init(_ members: [(key: String, value: Value)]) {
    var entries: [(key: Value, value: Value)] = []
    var index: [MapKey: Int] = [:]
    for (name, value) in members where index[.string(Text(name))] == nil {
      index[.string(Text(name))] = entries.count
      entries.append((.text(name), value))
    }
    self.entries = entries
    self.index = index
    find = nil
  }

  /// The value under a key, found if the map is not written down.
  func value(for key: Value) throws(EvaluationError) -> Value? {
    if let find { return try find(key) }
    return self[key]
  }

  /// The value under a key; numbers find each other by value, whatever their type.
  subscript(_ key: Value) -> Value? {
    MapKey(key).flatMap { index[$0] }.map { entries[$0].value }
  }
}

/// A key by its value: equal numbers of any type are one key.
private enum MapKey: Hashable {
  case bool(Bool)
  case int(Int64)
  case large(UInt64)
  case string(Text)

  init?(_ value: Value) {
    switch value {
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .uint(let value): self = Int64(exactly: value).map { .int($0) } ?? .large(value)
    case .double(let value):
      if let integer = Int64(exactly: value) {
        self = .int(integer)
      } else if let integer = UInt64(exactly: value) {
        self = .large(integer)
      } else {
        return nil
      }
    case .string(let value): self = .string(value)
    default: return nil
    }
  }
}

extension Value {
  /// Whether the value is of a type that keys of maps may have.
  fileprivate var isKey: Bool { if case .double = self { false } else { true } }
}
