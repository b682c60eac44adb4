// SPDX-License-Identifier: Apache-2.0

/// The spelling of durations: `500ms`, `10s`, `1h30m`, `7d`, or ISO 8601 such as `PT1H30M` and `P7D`.
public enum DurationText {
  /// The longest duration, a hundred years of 365 days.
  public static let maximum = Duration.seconds(36_500 * 86_400)

  /// The duration that a text names; nil for every other text and beyond `maximum`.
  public static func duration(of text: String) -> Duration? {
    let parsed = text.hasPrefix("P") ? iso(text) : short(text)
    return parsed.flatMap { $0 <= maximum ? $0 : nil }
  }

  /// A duration in the short spelling, to the millisecond: `1h30m`, `500ms`, `0s`.
  public static func text(of duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    var rest = max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    var text = ""
    for unit in shortUnits where rest >= unit.milliseconds {
      text += "\(rest / unit.milliseconds)\(unit.name)"
      rest %= unit.milliseconds
    }
    return text.isEmpty ? "0s" : text
  }

  private static let shortUnits: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// Numbers with units, each unit at most once and the larger ones first.
  private static func short(_ text: String) -> Duration? {
    sum(Substring(text), shortUnits)
  }

  private static func iso(_ text: String) -> Duration? {
    let parts = text.dropFirst().split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    let days = parts[0].isEmpty ? .zero : sum(parts[0], [("W", 604_800_000), ("D", 86_400_000)])
    guard let days, parts.count == 2 else { return parts[0].isEmpty ? nil : days }
    return sum(parts[1], [("H", 3_600_000), ("M", 60_000), ("S", 1000)]).map { days + $0 }
  }

  private static func sum(_ text: Substring, _ units: [(name: String, milliseconds: Int64)]) -> Duration? {
    var rest = text
    var units = units[...]
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest[digits.endIndex...]
      let name = rest.prefix { $0.isLetter }
      rest = rest[name.endIndex...]
      guard let number = Int64(digits), let index = units.firstIndex(where: { $0.name == name }) else {
        return nil
      }
      let (part, overflows) = number.multipliedReportingOverflow(by: units[index].milliseconds)
      let (next, overflowsSum) = total.addingReportingOverflow(part)
      guard !overflows, !overflowsSum else { return nil }
      total = next
      units = units[(index + 1)...]
    }
    return .milliseconds(total)
  }
}
