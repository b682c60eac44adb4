// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Expressions

/// The columns of a view, for what refers to them.
struct ViewTableDraft {
  /// How many columns a view may have.
  static let greatestCount = 60

  private(set) var columns: [ViewColumn] = []
  /// What conditions and values may speak of.
  let environment: ExpressionEnvironment

  /// Checks names; what cannot be a column is reported and left out.
  init(_ drafts: [ColumnDraft], _ reader: inout NodeReader) {
    var taken: Set<String> = []
    for draft in drafts {
      let name = draft.name.text ?? ""
      if name.lowercased() == "key" {
        let message = "'key' is the column of the view's key, which every view has"
        reader.report(.id, message, at: draft.name.range, help: "give the column another name")
      } else if !SQLName.check(draft.name, &reader) {
        continue
      } else if !taken.insert(name.lowercased()).inserted {
        // YAML itself notices the same name; SQL takes no notice of case.
        let message = "there is already a column '\(name)' but for capital letters"
        reader.report(.duplicateID, message, at: draft.name.range)
      }
      columns.append(ViewColumn(name, draft.type))
    }
    if columns.count > Self.greatestCount, let last = drafts.last {
      let message = "a view has at most \(Self.greatestCount) columns, not \(columns.count)"
      reader.report(.range, message, at: last.name.range)
    }
    environment = .viewRow(columns.map { ($0.name, $0.type) })
  }

  /// The place of a column; nil after a report.
  func place(of node: YAMLNode, _ reader: inout NodeReader) -> Int? {
    let name = node.text ?? ""
    if let place = columns.firstIndex(where: { $0.name == name }) { return place }
    let help =
      name == "key"
      ? "the key never changes" : Suggestion.help(for: name, among: columns.map(\.name))
    reader.report(.unknownColumn, "the view has no column '\(name)'", at: node.range, help: help)
    return nil
  }

  /// The places of an index's columns; nil after a report.
  func places(of nodes: [YAMLNode], _ reader: inout NodeReader) -> [Int]? {
    let places = nodes.compactMap { place(of: $0, &reader) }
    if Set(places).count < places.count, let first = nodes.first {
      reader.report(.combination, "an index names a column twice", at: first.range)
    }
    return places.count == nodes.count ? places : nil
  }
}

/// Names that stand in SQL without quotes: those of views and columns.
enum SQLName {
  /// What names of the host's own tables begin with.
  static let reserved = ["earshot_", "sqlite_"]

  /// Whether a node is such a name; reports it if not.
  static func check(_ node: YAMLNode, _ reader: inout NodeReader) -> Bool {
    check(node.text ?? "", at: node.range, &reader)
  }

  /// The same for a name that is read already.
  static func check(_ name: String, at range: Range<Int>, _ reader: inout NodeReader) -> Bool {
    let isWord = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
    let beginsWell = name.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    if isWord, beginsWell, name.utf8.count <= 64, !reserved.contains(where: name.lowercased().hasPrefix) {
      return true
    }
    let help = "use up to 64 letters, digits and _, with a letter first, so that it can stand in SQL"
    reader.report(.id, "'\(name)' cannot be the name of a table or column", at: range, help: help)
    return false
  }
}
