// SPDX-License-Identifier: Apache-2.0

/// Where the attributes of one scanned event lie on its tape, all of them checked.
struct EventAttributes {
  /// The members of an event that mean something to the host.
  enum Name {
    case specversion, id, source, type, subject, time, contentType, schema, data, dataBase64, hops
    /// Stamped by the host, so a producer's own value is dropped.
    case stamped
    /// An extension.
    case other
  }

  private(set) var id: JSONTape.Index?
  private(set) var source: JSONTape.Index?
  private(set) var type: JSONTape.Index?
  private(set) var subject: JSONTape.Index?
  private(set) var time: JSONTape.Index?
  private(set) var contentType: JSONTape.Index?
  private(set) var schema: JSONTape.Index?
  private(set) var data: JSONTape.Index?
  private(set) var isBase64 = false
  private(set) var hops: UInt8 = 0
  private var hasVersion = false

  init(_ tape: borrowing JSONTape, _ text: Span<UInt8>, _ form: EventIntake.Form) throws(EventError) {
    guard tape.kind(0) == .object else {
      throw EventError(.notAnObject, at: tape.range(0).lowerBound, "an event is a JSON object")
    }
    var key = 1
    while key < tape.end(0) {
      try take(key, tape, text)
      key = tape.end(key + 1)
    }
    let end = tape.range(0).upperBound - 1
    if type == nil { throw EventError(.missingAttribute, at: end, "the attribute 'type' is missing") }
    guard form == .cloudEvents else { return }
    if id == nil { throw EventError(.missingAttribute, at: end, "the attribute 'id' is missing") }
    if source == nil { throw EventError(.missingAttribute, at: end, "the attribute 'source' is missing") }
    if !hasVersion { throw EventError(.missingAttribute, at: end, "the attribute 'specversion' is missing") }
  }

  private mutating func take(
    _ key: JSONTape.Index,
    _ tape: JSONTape,
    _ text: Span<UInt8>
  ) throws(EventError) {
    let value = key + 1
    let name = Name.of(key, tape, text)
    if name == .other {
      try Self.checkName(key, tape, text)
    }
    // A null attribute is an unset one; null data is data.
    if tape.kind(value) == .null && name != .data { return }
    let check = AttributeCheck(key: key)
    switch name {
    case .specversion:
      try check.string(tape, text) { $0.holds("1.0", at: 0..<$0.count) ? nil : "must be \"1.0\"" }
      hasVersion = true
    case .id: id = try check.string(tape, text)
    case .source:
      source = try check.string(tape, text) { URIReference.isValid($0) ? nil : "is not a URI reference" }
    case .type: type = try check.string(tape, text)
    case .subject: subject = try check.string(tape, text)
    case .time:
      time = try check.string(tape, text) { Timestamp(rfc3339: $0) == nil ? "is not an RFC 3339 time" : nil }
    case .contentType:
      contentType = try check.string(tape, text) {
        AttributeRules.isMediaType($0) ? nil : "is not a media type"
      }
    case .schema:
      schema = try check.string(tape, text) {
        URIReference.isValid($0, isAbsolute: true) ? nil : "is not a URI"
      }
    case .data, .dataBase64: try takeData(name, value, tape, text)
    case .hops: hops = try check.hops(tape, text)
    case .stamped: break
    case .other: try check.extensionValue(tape, text)
    }
  }

  private mutating func takeData(
    _ name: Name,
    _ value: JSONTape.Index,
    _ tape: JSONTape,
    _ text: Span<UInt8>
  ) throws(EventError) {
    let offset = tape.rawRange(value).lowerBound
    guard data == nil else {
      throw EventError(.twoPayloads, at: offset, "only one of 'data' and 'data_base64' may be given")
    }
    isBase64 = name == .dataBase64
    if isBase64 {
      let isValid =
        tape.kind(value) == .string
        && AttributeRules.isBase64(tape.unescaped(value, in: text).span)
      guard isValid else { throw EventError(.badAttribute, at: offset, "'data_base64' is not base64") }
    }
    data = value
  }

  private static func checkName(
    _ key: JSONTape.Index,
    _ tape: JSONTape,
    _ text: Span<UInt8>
  ) throws(EventError) {
    let isValid =
      tape.isEscaped(key)
      ? AttributeRules.isName(tape.unescaped(key, in: text).span)
      : AttributeRules.isName(text.extracting(tape.range(key)))
    guard isValid else {
      throw EventError(
        .badName,
        at: tape.rawRange(key).lowerBound,
        "an attribute's name has only lower-case letters and digits; put your own values into 'data'"
      )
    }
  }
}

extension EventAttributes.Name {
  /// The meaning of a member's key; an escaped key is read by its value.
  ///
  /// A function, since an initializer would take a reference to all that the tape has.
  static func of(_ key: JSONTape.Index, _ tape: JSONTape, _ text: Span<UInt8>) -> EventAttributes.Name {
    tape.isEscaped(key)
      ? EventAttributes.Name(tape.unescaped(key, in: text).span)
      : EventAttributes.Name(text.extracting(tape.range(key)))
  }

  private init(_ name: Span<UInt8>) {
    let all = 0..<name.count
    self =
      switch name.count {
      case 2: name.holds("id", at: all) ? .id : .other
      case 4:
        name.holds("type", at: all)
          ? .type
          : name.holds("time", at: all)
            ? .time : name.holds("data", at: all) ? .data : name.holds("hops", at: all) ? .hops : .other
      case 6: name.holds("source", at: all) ? .source : .other
      case 7: name.holds("subject", at: all) ? .subject : .other
      case 8: name.holds("sequence", at: all) ? .stamped : .other
      case 10: name.holds("dataschema", at: all) ? .schema : .other
      case 11:
        name.holds("specversion", at: all)
          ? .specversion : name.holds("data_base64", at: all) ? .dataBase64 : .other
      case 12: name.holds("recordedtime", at: all) ? .stamped : .other
      case 15: name.holds("datacontenttype", at: all) ? .contentType : .other
      default: .other
      }
  }
}
