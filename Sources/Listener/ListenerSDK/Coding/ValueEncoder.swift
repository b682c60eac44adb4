// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Encodes values as JSON that `ParameterDecoder` reads back.
///
/// Maps by text are written in the order of their keys, so that the same value is always the same text.
struct ValueEncoder: Encoder {
  /// Where a value goes.
  final class Slot {
    enum Content {
      case nothing
      case value(JSONValue)
      case list([Slot])
      case members([(key: String, slot: Slot)])
    }

    var content = Content.nothing
    var isMap = false

    var json: JSONValue {
      switch content {
      case .nothing: .object([])
      case .value(let value): value
      case .list(let slots): .array(slots.map(\.json))
      case .members(let members):
        .object(
          (isMap ? members.sorted { $0.key < $1.key } : members).map {
            JSONValue.Member($0.key, $0.slot.json)
          }
        )
      }
    }

    func member(_ key: String) -> Slot {
      let slot = Slot()
      if case .members(var members) = content {
        members.removeAll { $0.key == key }
        content = .members(members + [(key, slot)])
      } else {
        content = .members([(key, slot)])
      }
      return slot
    }

    func element() -> Slot {
      let slot = Slot()
      if case .list(let slots) = content { content = .list(slots + [slot]) } else { content = .list([slot]) }
      return slot
    }
  }

  let slot: Slot
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func json(_ value: some Encodable) throws -> JSONValue {
    let encoder = ValueEncoder(slot: Slot(), codingPath: [])
    try encoder.put(value)
    return encoder.slot.json
  }

  func put(_ value: some Encodable) throws {
    slot.isMap = value is any TextMap
    try value.encode(to: self)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .members = slot.content {} else { slot.content = .members([]) }
    return KeyedEncodingContainer(KeyedValues(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .list = slot.content {} else { slot.content = .list([]) }
    return ListedValues(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleValue(encoder: self) }

  fileprivate func member(_ key: any CodingKey) -> ValueEncoder {
    ValueEncoder(slot: slot.member(key.stringValue), codingPath: codingPath + [key])
  }

  fileprivate func element() -> ValueEncoder { ValueEncoder(slot: slot.element(), codingPath: codingPath) }
}

/// A map whose order says nothing.
private protocol TextMap {}

extension Dictionary: TextMap {}

private struct KeyedValues<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil(forKey key: Key) { encoder.member(key).slot.content = .value(.null) }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try encoder.member(key).put(value)
  }
  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key)
    -> KeyedEncodingContainer<Nested>
  { encoder.member(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder.member(key).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { encoder }
  func superEncoder(forKey key: Key) -> any Encoder { encoder.member(key) }
}

private struct ListedValues: UnkeyedEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { if case .list(let slots) = encoder.slot.content { slots.count } else { 0 } }

  func encodeNil() { encoder.element().slot.content = .value(.null) }
  func encode<Value: Encodable>(_ value: Value) throws { try encoder.element().put(value) }
  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    encoder.element().container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.element().unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder.element() }
}

private struct SingleValue: SingleValueEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  private func put(_ value: JSONValue) { encoder.slot.content = .value(value) }

  func encodeNil() { put(.null) }
  func encode(_ value: Bool) { put(.bool(value)) }
  func encode(_ value: String) { put(.string(value)) }
  func encode(_ value: Float) throws { try encode(Double(value)) }

  func encode(_ value: Double) throws {
    guard value.isFinite else {
      throw EncodingError.invalidValue(
        value,
        .init(codingPath: codingPath, debugDescription: "\(value) is no number in JSON")
      )
    }
    // Whole numbers as people write them.
    put(.number(Int64(exactly: value).map { "\($0)" } ?? "\(value)"))
  }

  func encode(_ value: Int) { put(.number("\(value)")) }
  func encode(_ value: Int8) { put(.number("\(value)")) }
  func encode(_ value: Int16) { put(.number("\(value)")) }
  func encode(_ value: Int32) { put(.number("\(value)")) }
  func encode(_ value: Int64) { put(.number("\(value)")) }
  func encode(_ value: UInt) { put(.number("\(value)")) }
  func encode(_ value: UInt8) { put(.number("\(value)")) }
  func encode(_ value: UInt16) { put(.number("\(value)")) }
  func encode(_ value: UInt32) { put(.number("\(value)")) }
  func encode(_ value: UInt64) { put(.number("\(value)")) }
  func encode<Value: Encodable>(_ value: Value) throws { try encoder.put(value) }
}
