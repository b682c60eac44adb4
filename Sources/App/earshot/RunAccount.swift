// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What an answer of the host tells of a run and its branches.
struct RunAccount {
  /// Something that came to pass, and in which run.
  struct Line {
    let run: Int64
    /// Its place in the history of that run.
    let number: Int
    let entry: JSONValue

    var ended: Timestamp {
      entry["ended"]?.string.flatMap(Timestamp.init(rfc3339:)) ?? Timestamp(seconds: 0)
    }
  }

  private let run: JSONValue

  init(_ run: JSONValue) { self.run = run }

  /// The branches of the run, and theirs.
  var branches: [JSONValue] { Self.branches(of: run) }

  private static func branches(of run: JSONValue) -> [JSONValue] {
    guard case .array(let branches)? = run["branches"] else { return [] }
    return branches.flatMap { [$0] + Self.branches(of: $0) }
  }

  /// What came to pass, in the order in which it ended.
  var lines: [Line] {
    let all = ([run] + branches).flatMap { run -> [Line] in
      guard case .array(let entries)? = run["history"] else { return [] }
      let id = run["run"]?.int.map { Int64($0) } ?? 0
      return entries.enumerated().map { Line(run: id, number: $0, entry: $1) }
    }
    return all.enumerated().sorted { left, right in
      (left.element.ended, left.offset) < (right.element.ended, right.offset)
    }.map(\.element)
  }

  /// What has come to pass since the last call; `printed` says how much of each run is known.
  func news(_ printed: inout [Int64: Int]) -> [Line] {
    let news = lines.filter { $0.number >= printed[$0.run, default: 0] }
    for line in news { printed[line.run] = max(printed[line.run, default: 0], line.number + 1) }
    return news
  }

  /// What came of a step, or why it failed.
  static func detail(_ entry: JSONValue) -> String? { entry["failure"]?.string ?? entry["result"]?.json }

  /// A text short enough for a line.
  static func cut(_ text: String) -> String { text.count > 60 ? text.prefix(57) + "…" : text }
}
