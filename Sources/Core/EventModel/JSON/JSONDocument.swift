// SPDX-License-Identifier: Apache-2.0

/// A JSON text together with its tape, for code where convenience matters more than speed.
public struct JSONDocument: Sendable {
  /// The text.
  public let bytes: [UInt8]
  /// The structure of the text.
  public let tape: JSONTape

  /// Scans `bytes`.
  public init(_ bytes: [UInt8], limits: JSONLimits = .stored) throws(JSONError) {
    var tape = JSONTape()
    try tape.scan(bytes.span, limits: limits)
    self.bytes = bytes
    self.tape = tape
  }

  /// The value of the whole text.
  public var root: JSONView { JSONView(document: self, index: 0) }
}

/// One value of a `JSONDocument`.
public struct JSONView: Sendable {
  /// The document that the value belongs to.
  public let document: JSONDocument
  /// The value's place on the document's tape.
  public let index: JSONTape.Index

  /// The value's kind.
  public var kind: JSONTape.Kind { document.tape.kind(index) }

  /// The value of a string.
  public var string: String? {
    kind == .string ? document.tape.string(index, in: document.bytes.span) : nil
  }

  /// The value of a number that is written as an integer and fits.
  public var int: Int? { document.tape.int64(index, in: document.bytes.span).map(Int.init) }

  /// The nearest binary64 value of a number.
  public var double: Double? { document.tape.double(index, in: document.bytes.span) }

  /// The value of `true` or `false`.
  public var bool: Bool? { kind == .true ? true : kind == .false ? false : nil }

  /// The value's own text.
  public var text: ArraySlice<UInt8> { document.bytes[document.tape.rawRange(index)] }

  /// The first member of that name.
  public subscript(_ name: String) -> JSONView? {
    document.tape.member(name, of: index, in: document.bytes.span).map { view(at: $0) }
  }

  /// An object's members in the order of the text; none for other values.
  public var members: [(key: String, value: JSONView)] {
    guard kind == .object else { return [] }
    var members: [(key: String, value: JSONView)] = []
    var key = index + 1
    while key < document.tape.end(index) {
      members.append((document.tape.string(key, in: document.bytes.span), view(at: key + 1)))
      key = document.tape.end(key + 1)
    }
    return members
  }

  /// An array's elements; none for other values.
  public var elements: [JSONView] {
    guard kind == .array else { return [] }
    var elements: [JSONView] = []
    var element = index + 1
    while element < document.tape.end(index) {
      elements.append(view(at: element))
      element = document.tape.end(element)
    }
    return elements
  }

  private func view(at index: JSONTape.Index) -> JSONView { JSONView(document: document, index: index) }
}
