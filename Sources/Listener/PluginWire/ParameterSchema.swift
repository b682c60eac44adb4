// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The shape of an action's parameters: the part of JSON Schema that rules are checked against.
public indirect enum ParameterSchema: Sendable, Hashable {
  /// Any value.
  case any
  /// A text; one of the listed ones if there are any.
  case string(allowed: [String])
  /// A number without a fraction.
  case integer
  /// A number.
  case number
  /// A boolean.
  case boolean
  /// A list whose elements all have one shape.
  case list(ParameterSchema)
  /// A mapping from any text to values of one shape.
  case map(ParameterSchema)
  /// A mapping with known keys.
  case object([Property])

  /// One key of an object.
  public struct Property: Sendable, Hashable {
    /// The key.
    public let name: String
    /// The shape of its value.
    public let schema: ParameterSchema
    /// Whether the key must be there.
    public let isRequired: Bool
    /// What it is for, in a sentence; may be empty.
    public let summary: String

    /// Makes a property.
    public init(_ name: String, _ schema: ParameterSchema, isRequired: Bool, summary: String = "") {
      self.name = name
      self.schema = schema
      self.isRequired = isRequired
      self.summary = summary
    }
  }

  /// The shape in JSON Schema.
  public var json: JSONValue {
    switch self {
    case .any: [:]
    case .string(let allowed):
      allowed.isEmpty
        ? ["type": "string"] : ["type": "string", "enum": .array(allowed.map { .string($0) })]
    case .integer: ["type": "integer"]
    case .number: ["type": "number"]
    case .boolean: ["type": "boolean"]
    case .list(let element): ["type": "array", "items": element.json]
    case .map(let value): ["type": "object", "additionalProperties": value.json]
    case .object(let properties): Self.json(properties)
    }
  }

  private static func json(_ properties: [Property]) -> JSONValue {
    let shapes = properties.map { property -> JSONValue.Member in
      guard case .object(var members) = property.schema.json else {
        preconditionFailure("a schema is an object")
      }
      if !property.summary.isEmpty {
        members.append(JSONValue.Member("description", .string(property.summary)))
      }
      return JSONValue.Member(property.name, .object(members))
    }
    let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
    return [
      "type": "object", "properties": .object(shapes), "required": .array(required),
      "additionalProperties": false,
    ]
  }

  /// Reads a JSON Schema; what this type cannot say becomes `any`.
  public init(json: JSONView) {
    switch json["type"]?.string {
    case "string": self = .string(allowed: json["enum"]?.elements.compactMap(\.string) ?? [])
    case "integer": self = .integer
    case "number": self = .number
    case "boolean": self = .boolean
    case "array": self = .list(json["items"].map(ParameterSchema.init(json:)) ?? .any)
    case "object": self = Self.object(json)
    default: self = .any
    }
  }

  private static func object(_ json: JSONView) -> ParameterSchema {
    let isClosed = json["additionalProperties"]?.bool == false
    guard let properties = json["properties"], isClosed else {
      guard json["properties"] == nil else { return .any }
      return .map(json["additionalProperties"].map(ParameterSchema.init(json:)) ?? .any)
    }
    let required = Set(json["required"]?.elements.compactMap(\.string) ?? [])
    return .object(
      properties.members.map { name, schema in
        Property(
          name,
          ParameterSchema(json: schema),
          isRequired: required.contains(name),
          summary: schema["description"]?.string ?? ""
        )
      }
    )
  }
}
