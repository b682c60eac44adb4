// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// The host's settings as written.
struct SettingsDraft {
  private var log = LogDraft()

  static let record = Record(
    "the settings",
    make: { _ in SettingsDraft() },
    fields: [Field("log", "What the event log keeps.", LogDraft.record.shape) { $0.log = $1 }]
  )

  var settings: HostSettings {
    var settings = HostSettings()
    settings.keep = log.keep
    settings.maxSize = log.maxSize
    settings.types = log.types
    return settings
  }
}

/// What is kept, as written.
private struct LogDraft {
  private(set) var keep: Duration?
  private(set) var maxSize: Int?
  private(set) var types: [HostSettings.TypeAge] = []

  static let record = Record(
    "the settings of the log",
    make: { _ in LogDraft() },
    fields: [
      Field("keep", "How long events are kept; for ever if this is not given.", .positiveDuration) {
        $0.keep = $1
      },
      Field("max_size", "How large the log becomes before its oldest events are forgotten.", .size) {
        $0.maxSize = $1
      },
      Field("types", "How long events of some types are kept, other than 'keep' says.", .typeAges) {
        $0.types = $1
      },
    ]
  )
}

extension Shape where Value == [HostSettings.TypeAge] {
  /// A mapping from types to how long their events are kept.
  static let typeAges = Shape(schema: ["type": "object", "additionalProperties": ["type": "string"]]) {
    node,
    reader in
    guard case .mapping(let members) = node.content else {
      reader.expected("a mapping from event types", node, help: "write for example { \"file.*\": 2d }")
      return nil
    }
    return members.compactMap { member in
      let types = TypePattern(member.name)
      if types == nil {
        let message = "'\(member.name)' is not an event type"
        let help = "write for example order.created, or order.* for all that begin so"
        reader.report(.eventType, message, at: member.key.range, help: help)
      }
      if member.value.text == "forever" { return types.map { HostSettings.TypeAge($0, keep: nil) } }
      let keep = Shape<Duration>.positiveDuration.read(member.value, &reader)
      guard let types, let keep else { return nil }
      return HostSettings.TypeAge(types, keep: keep)
    }
  }
}

extension Shape where Value == Int {
  /// A number of bytes, at least a mebibyte.
  static let size = Shape(schema: ["type": "string", "pattern": "^[0-9]+ ?[KMGT]i?B$"]) { node, reader in
    let text = node.text ?? ""
    guard case .scalar = node.content, let size = SizeText.bytes(of: text) else {
      let help = "write for example 500MB, 2GB or 4GiB"
      reader.report(.size, "'\(text)' is not a size", at: node.range, help: help)
      return nil
    }
    guard size >= 1 << 20 else {
      reader.report(.range, "a size of at least 1MiB was expected", at: node.range)
      return nil
    }
    return size
  }
}

/// Sizes as people write them: a whole number and a unit, decimal (kB, MB …) or binary (KiB, MiB …).
enum SizeText {
  private static let prefixes: [Character] = ["K", "M", "G", "T"]

  /// The number of bytes; nil when it is not a size, or too large to be counted.
  static func bytes(of text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    var unit = text.dropFirst(digits.count)
    if unit.first == " " { unit = unit.dropFirst() }
    guard let number = Int(digits), unit.last == "B",
      let first = unit.first?.uppercased().first, let power = prefixes.firstIndex(of: first)
    else { return nil }
    let base: Int
    switch unit.dropFirst() {
    case "B": base = 1000
    case "iB": base = 1024
    default: return nil
    }
    var size = number
    for _ in 0...power {
      let (product, overflows) = size.multipliedReportingOverflow(by: base)
      if overflows { return nil }
      size = product
    }
    return size
  }
}
