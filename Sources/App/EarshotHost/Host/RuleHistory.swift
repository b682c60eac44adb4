// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import PluginHost
import Rules

/// Reads from the log which rules were in force when, as `RuleArchive` has stored them.
struct RuleHistory: Sendable {
  private static let pageSize = 500

  private let log: any LogReading

  init(_ log: any LogReading) { self.log = log }

  /// The revision that was loaded last at or before a position; nil when there is none.
  func revision(at position: LogPosition) throws -> String? {
    let wanted = Array(#""type":"earshot.rules.loaded""#.utf8)
    var end = position.rawValue + 1
    while end > 1 {
      let start = max(1, end - Int64(Self.pageSize))
      let page = try log.events(from: LogPosition(rawValue: start), limit: Int(end - start))
      for index in page.entries.indices.reversed() where page.json(index).prefix(512).contains(wanted) {
        guard let event = try? JSONDocument(Array(page.json(index))).root,
          event["type"]?.string == "earshot.rules.loaded"
        else { continue }
        return event["data"]?["revision"]?.string
      }
      end = start
    }
    return nil
  }

  /// The rules of a revision that was stored; nil when they cannot be used with these plugins any more.
  func rules(of revision: String, plugins: PluginCatalog, sources: any SourceCatalog) -> RuleSet? {
    guard let files = data(RuleArchive.id(ofRevision: revision))?["files"] else { return nil }
    var read: [RuleFile] = []
    for file in files.elements {
      var bytes: [UInt8] = []
      for part in file["parts"]?.elements ?? [] {
        guard let text = data(part.string ?? "")?["text"]?.string else { return nil }
        bytes += text.utf8
      }
      read.append(RuleFile(name: file["name"]?.string ?? "", bytes: bytes))
    }
    return RuleLoader.load(read, actions: plugins, sources: sources).rules
  }

  private func data(_ id: String) -> JSONView? {
    guard let position = try? log.position(source: RuleArchive.source, id: id),
      let page = try? log.events(from: position, limit: 1), !page.entries.isEmpty,
      let event = try? JSONDocument(Array(page.json(0)))
    else { return nil }
    return event.root["data"]
  }
}
