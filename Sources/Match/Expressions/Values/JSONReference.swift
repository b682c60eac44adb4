// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A JSON text and its structure, shared by all values that come from it.
public final class JSONContent: Sendable {
  let bytes: [UInt8]
  let tape: JSONTape

  /// Takes over a document.
  public init(_ document: JSONDocument) {
    bytes = document.bytes
    tape = document.tape
  }

  /// Takes a text together with the tape that has scanned it.
  public init(_ bytes: [UInt8], _ tape: JSONTape) {
    self.bytes = bytes
    self.tape = tape
  }

  /// The value at a place of the tape; numbers become doubles, as CEL demands of JSON.
  ///
  /// Only an integer that no double equals stays an integer, so that no digit of it is lost.
  func value(at index: JSONTape.Index) -> Value {
    switch tape.kind(index) {
    case .null: return .null
    case .true: return .bool(true)
    case .false: return .bool(false)
    case .string: return .string(tape.isEscaped(index) ? unescaped(index) : Text(bytes, tape.range(index)))
    case .number: return number(at: index)
    case .object, .array: return .json(JSONReference(content: self, index: index))
    }
  }

  /// The value at a place of the tape as a tree, with numbers as they were written.
  func json(at index: JSONTape.Index) -> JSONValue {
    let end = tape.end(index)
    switch tape.kind(index) {
    case .number: return .number(String(decoding: bytes[tape.range(index)], as: UTF8.self))
    case .array:
      var elements: [JSONValue] = []
      var place = index + 1
      while place < end {
        elements.append(json(at: place))
        place = tape.end(place)
      }
      return .array(elements)
    case .object:
      var members: [JSONValue.Member] = []
      var key = index + 1
      while key < end {
        members.append(JSONValue.Member(unescaped(key).string, json(at: key + 1)))
        key = tape.end(key + 1)
      }
      return .object(members)
    case .string, .true, .false, .null: return value(at: index).json ?? .null
    }
  }

  private func number(at index: JSONTape.Index) -> Value {
    let bytes = bytes
    let text = bytes.span
    let double = tape.double(index, in: text) ?? .nan
    if double.magnitude >= 0x1p53, let integer = tape.int64(index, in: text),
      Int64(exactly: double) != integer
    {
      return .int(integer)
    }
    return .double(double)
  }

  private func unescaped(_ index: JSONTape.Index) -> Text {
    let bytes = bytes
    return Text(tape.unescaped(index, in: bytes.span))
  }

  /// The place of an object's member.
  func member(_ name: Text, of object: JSONTape.Index) -> JSONTape.Index? {
    guard tape.kind(object) == .object else { return nil }
    return bytes.withUnsafeBufferPointer { text in name.withBytes { tape.member($0, of: object, in: text) } }
  }

  /// The place of a member whose name is in a pool.
  func member(_ number: Int, of names: NamePool, in object: JSONTape.Index) -> JSONTape.Index? {
    guard tape.kind(object) == .object else { return nil }
    let range = names.range(number)
    return bytes.withUnsafeBufferPointer { text in
      names.bytes.withUnsafeBufferPointer { names in
        tape.member(UnsafeBufferPointer(rebasing: names[range]), of: object, in: text)
      }
    }
  }

  /// Whether there is a string at a place with the given bytes.
  @inline(__always)
  func isText(at index: JSONTape.Index, _ other: [UInt8], _ wanted: Range<Int>) -> Bool {
    guard tape.kind(index) == .string else { return false }
    if tape.isEscaped(index) { return unescaped(index) == Text(other, wanted) }
    let range = tape.range(index)
    guard range.count == wanted.count else { return false }
    return bytes.withUnsafeBufferPointer { text in
      other.withUnsafeBufferPointer { other in
        UnsafeBufferPointer(rebasing: text[range]).hasBytes(of: UnsafeBufferPointer(rebasing: other[wanted]))
      }
    }
  }
}

/// An object or an array in a JSON text.
struct JSONReference: Sendable {
  let content: JSONContent
  let index: JSONTape.Index

  var isArray: Bool { content.tape.kind(index) == .array }

  /// The number of elements or members.
  var count: Int {
    var count = 0
    var place = index + 1
    while place < content.tape.end(index) {
      place = content.tape.end(isArray ? place : place + 1)
      count += 1
    }
    return count
  }

  /// The value of a member.
  func member(_ name: Text) -> Value? { content.member(name, of: index).map(content.value(at:)) }

  /// The element with the given number.
  func element(_ number: Int) -> Value? {
    guard number >= 0 else { return nil }
    var place = index + 1
    for _ in 0..<number {
      guard place < content.tape.end(index) else { return nil }
      place = content.tape.end(place)
    }
    return place < content.tape.end(index) ? content.value(at: place) : nil
  }

  /// Calls `body` with each element's value, or each member's key and value, until it returns false.
  func forEach<Failure: Error>(_ body: (_ key: Value, _ value: Value) throws(Failure) -> Bool) throws(Failure)
  {
    let end = content.tape.end(index)
    let isArray = isArray
    var place = index + 1
    var number: Int64 = 0
    while place < end {
      let value = isArray ? place : place + 1
      let key = isArray ? .int(number) : content.value(at: place)
      guard try body(key, content.value(at: value)) else { return }
      number += 1
      place = content.tape.end(value)
    }
  }

  /// The elements of an array.
  var elements: [Value] {
    var elements: [Value] = []
    forEach { (_, value) throws(Never) in
      elements.append(value)
      return true
    }
    return elements
  }
}
