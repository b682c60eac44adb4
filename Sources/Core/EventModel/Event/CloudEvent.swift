// SPDX-License-Identifier: Apache-2.0

/// One event as a value, for code where convenience matters more than speed.
public struct CloudEvent: Sendable, Hashable {
  /// What an event carries.
  public enum Payload: Sendable, Hashable {
    /// A JSON value; for content types other than JSON a string with the content.
    case json(JSONValue)
    /// Bytes, written as `data_base64`, here as their base64 text.
    case base64(String)
  }

  /// The identifier, unique together with `source`; nil to have one made.
  public var id: String?
  /// Where the event comes from, a URI reference; nil for the default of whoever appends it.
  public var source: String?
  /// What happened.
  public var type: String
  /// What it happened to.
  public var subject: String?
  /// When it happened, as RFC 3339 text; nil to have it stamped.
  public var time: String?
  /// The media type of the payload; JSON when nil.
  public var datacontenttype: String?
  /// The schema of the payload, a URI.
  public var dataschema: String?
  /// All other attributes: Booleans, integers and strings, in their order.
  public var extensions: [JSONValue.Member]
  /// What the event carries.
  public var data: Payload?

  /// Makes an event of a type, with JSON data if any.
  public init(type: String, subject: String? = nil, data: JSONValue? = nil) {
    self.type = type
    self.subject = subject
    self.data = data.map { .json($0) }
    extensions = []
  }

  /// Reads an event that is known to be valid, such as one of a batch or of the log.
  ///
  /// - Throws: `JSONError` when the text is not JSON; a text that is no event gives an empty type.
  public init(canonical json: [UInt8]) throws(JSONError) {
    self.init(type: "")
    for member in try JSONDocument(json).root.members where member.value.kind != .null || member.key == "data"
    {
      take(member.key, member.value)
    }
  }

  private mutating func take(_ name: String, _ value: JSONView) {
    switch name {
    case "specversion": break
    case "id": id = value.string
    case "source": source = value.string
    case "type": type = value.string ?? ""
    case "subject": subject = value.string
    case "time": time = value.string
    case "datacontenttype": datacontenttype = value.string
    case "dataschema": dataschema = value.string
    case "data": data = .json(JSONValue(value))
    case "data_base64": data = .base64(value.string ?? "")
    default: extensions.append(JSONValue.Member(name, JSONValue(value)))
    }
  }

  /// The event's JSON, as an `EventIntake` takes it.
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    let strings: [(String, String?)] = [
      ("specversion", EventFormat.specificationVersion), ("id", id), ("source", source), ("type", type),
      ("subject", subject), ("time", time), ("datacontenttype", datacontenttype), ("dataschema", dataschema),
    ]
    for case (let name, let value?) in strings { members.append(JSONValue.Member(name, .string(value))) }
    members += extensions
    switch data {
    case .json(let value): members.append(JSONValue.Member("data", value))
    case .base64(let text): members.append(JSONValue.Member("data_base64", .string(text)))
    case nil: break
    }
    return .object(members)
  }
}

extension EventIntake {
  /// Checks an event and appends it to `batch`; after an error the batch is as it was.
  public mutating func append(_ event: CloudEvent, to batch: inout EventBatch) throws(EventError) {
    var bytes: [UInt8] = []
    event.json.appendJSON(to: &bytes)
    try append(bytes.span, to: &batch)
  }
}
