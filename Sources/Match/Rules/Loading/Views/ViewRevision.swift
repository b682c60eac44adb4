// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions

/// Names what the rows of a view depend on.
enum ViewRevision {
  /// Counts changes of what an entry means; a greater one has all views built anew.
  private static let meaning = 1

  static func of(
    _ columns: [ViewColumn],
    _ indexes: [[Int]],
    _ entries: [ViewEntry],
    _ onError: ViewErrorPolicy
  ) -> String {
    var parts = ["\(meaning)", onError.rawValue]
    parts += columns.map { "\($0.name) \($0.type.rawValue)" }
    parts += indexes.map { "\($0)" }
    for entry in entries { parts += self.parts(of: entry) }
    return ShortHash.text(parts, bytes: 8)
  }

  /// Names what says which events concern which row.
  static func ofStreams(_ entries: [ViewEntry]) -> String { ShortHash.text(entries.flatMap(place)) }

  /// What says which events an entry is for, and which row each concerns.
  private static func place(of entry: ViewEntry) -> [String] {
    let trigger = entry.trigger
    return [
      trigger.types.map { $0.text + ($0.isPrefix ? "*" : "") }.joined(separator: "\n"),
      trigger.sources.joined(separator: "\n"), trigger.match?.json ?? "", entry.key.expression.text,
    ]
  }

  private static func parts(of entry: ViewEntry) -> [String] {
    var parts = place(of: entry) + [entry.condition?.expression.text ?? ""]
    switch entry.change {
    case .delete: parts.append("delete")
    case .write(let changes): parts += changes.flatMap { ["\($0.kind) \($0.column)", $0.value.text] }
    }
    return parts
  }
}
