// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Rules
import Timing

/// What becomes of open windows when the rules change.
public struct WindowPlan: Sendable, Hashable {
  /// What may become of windows.
  public enum Fate: String, Sendable {
    /// They go on as they are.
    case kept
    /// They go on with what they hold, under new lengths and limits.
    case migrated
    /// They are forgotten, since their rule is gone or switched off, or looks at other events or keys.
    case dropped
  }

  /// The windows of one owner.
  public struct Line: Sendable, Hashable {
    /// Whose they are.
    public let owner: WindowOwner
    /// How many they are.
    public let count: Int
    /// What becomes of them.
    public let fate: Fate
  }

  /// What becomes of the windows of each owner, in the order of their names.
  public let lines: [Line]

  /// Decides for windows, counted by their owners' names; `old` are the rules of before, if they are known.
  public init(_ counts: [String: Int], from old: RuleSet?, to new: RuleSet) {
    let before = old.map(Self.windowings)
    let after = Self.windowings(of: new)
    lines = counts.sorted { $0.key < $1.key }.compactMap { name, count in
      guard let owner = WindowOwner(name: name) else { return nil }
      var plain = owner
      plain.isDelay = false
      guard let machine = after[plain]?.machine else {
        return Line(owner: owner, count: count, fate: .dropped)
      }
      let isSame = before?[plain].map { AnyHashable($0.machine) == AnyHashable(machine) } ?? false
      return Line(owner: owner, count: count, fate: isSame ? .kept : .migrated)
    }
  }

  private static func windowings(of rules: RuleSet) -> [WindowOwner: Windowing] {
    let all = rules.rules.filter(\.isEnabled).flatMap(\.windowings)
    return Dictionary(all.map { ($0.owner, $0) }) { first, _ in first }
  }

  /// The plan as programs read it.
  public var json: JSONValue {
    .array(
      lines.map { line in
        [
          "rule": .string(line.owner.rule), "kind": .string(line.owner.kind.rawValue),
          "windows": .number("\(line.count)"), "fate": .string(line.fate.rawValue),
        ]
      }
    )
  }

  /// The plan in words, a line for each owner.
  public var text: [String] {
    lines.map { line in
      let windows = line.count == 1 ? "1 window" : "\(line.count) windows"
      return "\(windows) of \(line.owner.kind.rawValue) in '\(line.owner.rule)' \(line.fate.rawValue)"
    }
  }
}
