// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK

/// What a server answered.
struct Answer: Sendable {
  let status: Int
  /// The header, its names in small letters.
  let fields: [(name: String, value: String)]
  /// The body, or its beginning.
  var body: [UInt8] = []
  var isTruncated = false

  /// What later steps see and the log keeps, so without what would let others in.
  var output: JSONValue {
    let members = fields.filter { $0.name != "set-cookie" }
    let names = members.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let headers = names.map { name in
      let values = members.filter { $0.name == name }.map(\.value)
      return JSONValue.Member(name, .string(values.joined(separator: ", ")))
    }
    return [
      "status": .number(String(status)), "headers": .object(headers), content.key: content.value,
      "truncated": .bool(isTruncated),
    ]
  }

  /// The body under the name that says what it is.
  private var content: (key: String, value: JSONValue) {
    if isJSON, !isTruncated, let value = try? JSONValue(json: body) { return ("json", value) }
    return ("body", .string(text))
  }

  private var text: String { String(decoding: body, as: UTF8.self) }

  private func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  private var isJSON: Bool {
    let type = field("content-type")?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    return type == "application/json" || type?.hasSuffix("+json") == true
  }

  /// What went wrong, with the beginning of what the server said about it.
  func account(of call: Call) -> String {
    let words = text.split(whereSeparator: \.isNewline).joined(separator: " / ").prefix(300)
    return "\(call.method) \(call.target) was answered with \(status)" + (words.isEmpty ? "" : ": \(words)")
  }

  /// How long the server wants to be left alone.
  var retryAfter: Duration? {
    guard [429, 503].contains(status) else { return nil }
    return field("retry-after").flatMap { RetryAfter.pause($0, now: Date()) }
  }
}

/// The field `Retry-After` of RFC 9110, section 10.2.3.
enum RetryAfter {
  /// A server that asks for more than this is asked again sooner.
  static let maximum = Duration.seconds(86_400)

  /// The pause that a value in seconds or an HTTP date asks for.
  static func pause(_ text: String, now: Date) -> Duration? {
    if !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) {
      return Int64(text).map { min(.seconds($0), maximum) } ?? maximum
    }
    return date(text).map { min(max(.seconds($0.timeIntervalSince(now)), .zero), maximum) }
  }

  private static func date(_ text: String) -> Date? {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(secondsFromGMT: 0)
    // The preferred spelling, and the two that must be understood.
    for pattern in [
      "EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'", "EEE MMM d HH:mm:ss yyyy",
    ] {
      format.dateFormat = pattern
      if let date = format.date(from: text) { return date }
    }
    return nil
  }
}
