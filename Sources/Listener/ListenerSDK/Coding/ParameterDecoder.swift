// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Decodes parameters from the JSON of a request.
struct ParameterDecoder: Decoder {
  let view: JSONView
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func decode<Value: Decodable>(_ type: Value.Type, from view: JSONView) throws -> Value {
    try ParameterDecoder(view: view, codingPath: []).value(type)
  }

  /// The value, which for `JSONValue` is the JSON itself.
  func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if type == JSONValue.self, let json = JSONValue(view) as? Value { return json }
    return try Value(from: self)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard view.kind == .object else { throw mismatch(type, "a mapping") }
    return KeyedDecodingContainer(KeyedParameters(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard view.kind == .array else { throw mismatch([JSONValue].self, "a list") }
    return ListedParameters(decoder: self, elements: view.elements)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleParameter(decoder: self) }

  func child(_ key: any CodingKey, _ view: JSONView) -> ParameterDecoder {
    ParameterDecoder(view: view, codingPath: codingPath + [key])
  }

  func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
    let place = codingPath.map(\.stringValue).joined(separator: ".")
    return .typeMismatch(
      type,
      .init(codingPath: codingPath, debugDescription: "\(expected) was expected for '\(place)'")
    )
  }
}

private struct KeyedParameters<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ParameterDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Key] { decoder.view.members.compactMap { Key(stringValue: $0.key) } }

  private func child(_ key: Key) throws -> ParameterDecoder {
    guard let view = decoder.view[key.stringValue] else {
      let context = DecodingError.Context(
        codingPath: codingPath,
        debugDescription: "'\(key.stringValue)' is missing"
      )
      throw DecodingError.keyNotFound(key, context)
    }
    return decoder.child(key, view)
  }

  func contains(_ key: Key) -> Bool { decoder.view[key.stringValue] != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try child(key).view.kind == .null }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try child(key).value(type)
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try child(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try child(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }
}

private struct ListedParameters: UnkeyedDecodingContainer {
  struct Index: CodingKey {
    let intValue: Int?
    var stringValue: String { "\(intValue ?? 0)" }
    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { nil }
  }

  let decoder: ParameterDecoder
  let elements: [JSONView]
  var currentIndex = 0
  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex == elements.count }

  private mutating func next() throws -> ParameterDecoder {
    guard !isAtEnd else { throw decoder.mismatch(JSONValue.self, "another element") }
    defer { currentIndex += 1 }
    return decoder.child(Index(intValue: currentIndex), elements[currentIndex])
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, elements[currentIndex].kind == .null else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().value(type) }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> { try next().container(keyedBy: type) }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { try next() }
}

private struct SingleParameter: SingleValueDecodingContainer {
  let decoder: ParameterDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }
  private var view: JSONView { decoder.view }

  func decodeNil() -> Bool { view.kind == .null }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard let value = view.bool else { throw decoder.mismatch(type, "true or false") }
    return value
  }

  func decode(_ type: String.Type) throws -> String {
    guard let value = view.string else { throw decoder.mismatch(type, "a text") }
    return value
  }

  func decode(_ type: Double.Type) throws -> Double {
    guard let value = view.double else { throw decoder.mismatch(type, "a number") }
    return value
  }

  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

  private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    let text = view.kind == .number ? String(decoding: view.text, as: UTF8.self) : ""
    guard let value = Value(text) else { throw decoder.mismatch(type, "a whole number") }
    return value
  }

  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.value(type) }
}
