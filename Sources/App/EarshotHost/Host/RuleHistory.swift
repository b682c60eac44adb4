// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import PluginHost
import Rules

/// Reads from the log which rules were in force when, as `RuleArchive` has stored them.
struct RuleHistory: Sendable {
  private let log: any LogReading

  init(_ log: any LogReading) { self.log = log }

  /// Under which name the positions are kept at which rules were loaded: as a checkpoint of no source.
  private static let checkpoint = "earshot/rules"

  /// What remembers that a revision was loaded at a position.
  static func note(_ revision: String, at position: LogPosition) -> LogChange {
    let key = withUnsafeBytes(of: position.rawValue.bigEndian) { Array($0) }
    return LogChange(source: checkpoint, checkpoint: [.init(key: key, value: Array(revision.utf8))])
  }

  /// The revision that was loaded last at or before a position; nil when there is none.
  func revision(at position: LogPosition) throws -> String? {
    let end = withUnsafeBytes(of: position.rawValue.bigEndian) { Array($0) }
    var last: [UInt8]?
    try log.checkpoint(of: Self.checkpoint).forEach { key, revision in
      if !end.lexicographicallyPrecedes(key) { last = revision }
    }
    return last.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The revisions in the order in which they were last loaded, so that the one in force comes last.
  func revisions() throws -> [String] {
    var found: [String] = []
    try log.checkpoint(of: Self.checkpoint).forEach { _, bytes in
      let revision = String(decoding: bytes, as: UTF8.self)
      found.removeAll { $0 == revision }
      found.append(revision)
    }
    return found
  }

  /// The rules of a revision that was stored; nil when they cannot be used with these plugins any more.
  func rules(of revision: String, plugins: PluginCatalog, sources: any SourceCatalog)
    throws(LogFailure) -> RuleSet?
  {
    guard let files = try files(of: revision) else { return nil }
    return RuleLoader.load(files, actions: HostActions(plugins: plugins), sources: sources).rules
  }

  /// The files of a revision that was stored; nil when they are not there.
  func files(of revision: String) throws(LogFailure) -> [RuleFile]? {
    guard let files = try data(RuleArchive.id(ofRevision: revision))?["files"] else { return nil }
    var read: [RuleFile] = []
    for file in files.elements {
      var bytes: [UInt8] = []
      for part in file["parts"]?.elements ?? [] {
        guard let text = try data(part.string ?? "")?["text"]?.string else { return nil }
        bytes += text.utf8
      }
      read.append(RuleFile(name: file["name"]?.string ?? "", bytes: bytes))
    }
    return read
  }

  private func data(_ id: String) throws(LogFailure) -> JSONView? {
    guard let position = try log.position(source: RuleArchive.source, id: id) else { return nil }
    let page = try log.events(from: position, limit: 1)
    guard !page.entries.isEmpty, let event = try? JSONDocument(Array(page.json(0))) else { return nil }
    return event.root["data"]
  }
}
