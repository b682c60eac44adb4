// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Values as text.
extension Value {
  /// The value as a part of a text: a string itself, all else as people write it.
  var plainText: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .int(let number): String(number)
    case .uint(let number): String(number)
    case .double(let number): DecimalText.plain(number)
    case .string(let text), .bytes(let text): text.string
    case .type(let type): type.name
    case .timestamp(let instant): instant.shortText
    case .duration(let span): span.text
    case .address(let address): address.text
    case .network(let network): network.text
    case .optional(let optional): optional.value?.plainText ?? ""
    case .list, .map, .json: json?.json ?? ""
    }
  }

  /// The value as it would be written in an expression, cut after some forty characters; for messages.
  var shortText: String {
    let whole =
      switch self {
      case .string(let text): "'" + text.string + "'"
      case .bytes(let bytes): "bytes of length \(bytes.count)"
      case .uint(let number): "\(number)u"
      case .optional(let optional): optional.value.map { "optional.of(\($0.shortText))" } ?? "optional.none()"
      case .list, .map, .json: json?.json ?? "a \(type.name)"
      default: plainText
      }
    return whole.count > 48 ? whole.prefix(45) + "…" : whole
  }
}

extension Timestamp {
  /// RFC 3339 with no more digits of the fraction than needed.
  var shortText: String {
    var text = rfc3339
    guard text.contains(".") else { return text }
    text.removeLast()
    while text.hasSuffix("0") { text.removeLast() }
    return text + "Z"
  }
}
