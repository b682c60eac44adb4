// SPDX-License-Identifier: Apache-2.0

import EventModel
import PluginWire

/// Finds the shape of a type by decoding it and noting what it asks for.
///
/// Each question is answered with an empty value. A type that does not accept that, because it checks what it
/// decodes, is taken for `any` from there on.
enum SchemaProbe {
  static func schema<Value: Decodable>(of type: Value.Type) -> ParameterSchema { probe(type).schema }

  /// The shape, and a value of the type if one could be made.
  static func probe<Value: Decodable>(_ type: Value.Type) -> (schema: ParameterSchema, value: Value?) {
    if type == JSONValue.self { return (.any, JSONValue.null as? Value) }
    if let choice = type as? any TextEnumeration.Type, let found = texts(choice) {
      return (.string(allowed: found.texts), found.first as? Value)
    }
    if let list = type as? any ListShaped.Type { return (list.listSchema, list.emptyList as? Value) }
    if let map = type as? any MapShaped.Type, let schema = map.mapSchema {
      return (schema, map.emptyMap as? Value)
    }
    let notes = ProbeNotes()
    let value = try? Value(from: ProbeDecoder(notes: notes))
    return (notes.schema(isComplete: value != nil), value)
  }

  typealias TextEnumeration = CaseIterable & RawRepresentable

  private static func texts<Choice: TextEnumeration>(_ type: Choice.Type) -> (texts: [String], first: Any?)? {
    let texts = type.allCases.compactMap { $0.rawValue as? String }
    return texts.isEmpty ? nil : (texts, type.allCases.first)
  }
}

/// A list whose elements can be probed.
private protocol ListShaped {
  static var listSchema: ParameterSchema { get }
  static var emptyList: Any { get }
}

extension Array: ListShaped where Element: Decodable {
  fileprivate static var listSchema: ParameterSchema { .list(SchemaProbe.schema(of: Element.self)) }
  fileprivate static var emptyList: Any { [Element]() }
}

/// A map by text whose values can be probed.
private protocol MapShaped {
  static var mapSchema: ParameterSchema? { get }
  static var emptyMap: Any { get }
}

extension Dictionary: MapShaped where Value: Decodable {
  fileprivate static var mapSchema: ParameterSchema? {
    Key.self == String.self ? .map(SchemaProbe.schema(of: Value.self)) : nil
  }
  fileprivate static var emptyMap: Any { [Key: Value]() }
}

/// What one value asked for while it was decoded.
private final class ProbeNotes {
  private var properties: [ParameterSchema.Property] = []
  private var scalar: ParameterSchema?
  private var isKeyed = false

  func noteKeyed() { isKeyed = true }
  func note(_ schema: ParameterSchema) { scalar = schema }
  func note(_ name: String, _ schema: ParameterSchema, isRequired: Bool) {
    guard !properties.contains(where: { $0.name == name }) else { return }
    properties.append(.init(name, schema, isRequired: isRequired))
  }

  /// The shape; an object that could not be decoded to its end may have more keys, so it says nothing.
  func schema(isComplete: Bool) -> ParameterSchema {
    if isKeyed { return isComplete ? .object(properties) : .any }
    return scalar ?? .any
  }
}

private struct ProbeDecoder: Decoder {
  let notes: ProbeNotes
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    notes.noteKeyed()
    return KeyedDecodingContainer(ProbeContainer(notes: notes))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw ProbeEnd.unknownShape }
  func singleValueContainer() -> any SingleValueDecodingContainer { ProbeValue(notes: notes) }
}

/// Ends the probing of a type that asks for what has no empty answer.
private enum ProbeEnd: Error { case unknownShape }

private struct ProbeContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let notes: ProbeNotes
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) -> Bool { true }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let (schema, value) = SchemaProbe.probe(type)
    notes.note(key.stringValue, schema, isRequired: true)
    guard let value else { throw ProbeEnd.unknownShape }
    return value
  }

  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) -> Value? {
    notes.note(key.stringValue, SchemaProbe.schema(of: type), isRequired: false)
    return nil
  }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) -> Bool? { optional(.boolean, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? {
    optional(.string(allowed: []), key)
  }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) -> Double? { optional(.number, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) -> Float? { optional(.number, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) -> Int? { optional(.integer, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) -> Int32? { optional(.integer, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) -> Int64? { optional(.integer, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) -> UInt? { optional(.integer, key) }

  private func optional<Value>(_ schema: ParameterSchema, _ key: Key) -> Value? {
    notes.note(key.stringValue, schema, isRequired: false)
    return nil
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { throw ProbeEnd.unknownShape }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw ProbeEnd.unknownShape
  }
  func superDecoder() throws -> any Decoder { throw ProbeEnd.unknownShape }
  func superDecoder(forKey key: Key) throws -> any Decoder { throw ProbeEnd.unknownShape }
}

private struct ProbeValue: SingleValueDecodingContainer {
  let notes: ProbeNotes
  var codingPath: [any CodingKey] { [] }

  private func answer<Value>(_ schema: ParameterSchema, _ value: Value) -> Value {
    notes.note(schema)
    return value
  }

  func decodeNil() -> Bool { false }
  func decode(_ type: Bool.Type) -> Bool { answer(.boolean, false) }
  func decode(_ type: String.Type) -> String { answer(.string(allowed: []), "") }
  func decode(_ type: Double.Type) -> Double { answer(.number, 0) }
  func decode(_ type: Float.Type) -> Float { answer(.number, 0) }
  func decode(_ type: Int.Type) -> Int { answer(.integer, 0) }
  func decode(_ type: Int8.Type) -> Int8 { answer(.integer, 0) }
  func decode(_ type: Int16.Type) -> Int16 { answer(.integer, 0) }
  func decode(_ type: Int32.Type) -> Int32 { answer(.integer, 0) }
  func decode(_ type: Int64.Type) -> Int64 { answer(.integer, 0) }
  func decode(_ type: UInt.Type) -> UInt { answer(.integer, 0) }
  func decode(_ type: UInt8.Type) -> UInt8 { answer(.integer, 0) }
  func decode(_ type: UInt16.Type) -> UInt16 { answer(.integer, 0) }
  func decode(_ type: UInt32.Type) -> UInt32 { answer(.integer, 0) }
  func decode(_ type: UInt64.Type) -> UInt64 { answer(.integer, 0) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let (schema, value) = SchemaProbe.probe(type)
    notes.note(schema)
    guard let value else { throw ProbeEnd.unknownShape }
    return value
  }
}
