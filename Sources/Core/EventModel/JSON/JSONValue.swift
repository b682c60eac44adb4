// SPDX-License-Identifier: Apache-2.0

/// A JSON value as a tree, for code where convenience matters more than speed.
public enum JSONValue: Sendable, Hashable {
  /// The literal `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, kept as the text that a producer wrote, since not every number fits a machine type.
  case number(String)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object; the order of the members is kept.
  case object([Member])

  /// One member of an object.
  public struct Member: Sendable, Hashable {
    /// The key.
    public let key: String
    /// The value.
    public let value: JSONValue

    /// Makes a member.
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// Reads a value from a document.
  public init(_ view: JSONView) {
    switch view.kind {
    case .null: self = .null
    case .true: self = .bool(true)
    case .false: self = .bool(false)
    case .number: self = .number(String(decoding: view.text, as: UTF8.self))
    case .string: self = .string(view.string ?? "")
    case .array: self = .array(view.elements.map(JSONValue.init))
    case .object: self = .object(view.members.map { Member($0.key, JSONValue($0.value)) })
    }
  }

  /// Reads a value from its text.
  public init(json: [UInt8], limits: JSONLimits = .stored) throws(JSONError) {
    self.init(try JSONDocument(json, limits: limits).root)
  }

  /// The first member of that name, if this is an object that has one.
  public subscript(_ key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The value of a string.
  public var string: String? { if case .string(let value) = self { value } else { nil } }

  /// The value of a number that is written as an integer and fits.
  public var int: Int? { if case .number(let text) = self { Int(text) } else { nil } }

  /// Appends the value's JSON without white space.
  public func appendJSON(to bytes: inout [UInt8]) {
    switch self {
    case .null: JSONWriter.append("null" as StaticString, to: &bytes)
    case .bool(true): JSONWriter.append("true" as StaticString, to: &bytes)
    case .bool(false): JSONWriter.append("false" as StaticString, to: &bytes)
    case .number(let text): bytes.append(contentsOf: text.utf8)
    case .string(let string): JSONWriter.append(string, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.appendJSON(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONWriter.append(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.appendJSON(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// The value's JSON without white space.
  public var json: String {
    var bytes: [UInt8] = []
    appendJSON(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// Makes a string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Makes a number.
  public init(integerLiteral value: Int) { self = .number(String(value)) }
  /// Makes a Boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Makes an array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Makes an object.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
  /// Makes `null`.
  public init(nilLiteral: ()) { self = .null }
}
