// SPDX-License-Identifier: Apache-2.0

import Crypto
import Dispatching
import DurableLog
import EventModel
import EventSources
import PluginHost
import Rules

/// Keeps the text of every revision of the rules in the log, so that runs can finish under the rules that made them.
///
/// Each file is an event `earshot.rules.text` whose id is the hash of its name and content, in parts that fit into an
/// event; each revision is an event `earshot.rules.revision` that names its files in order. Both are there once, however
/// often the rules are loaded. That they were loaded is an event of its own, `earshot.rules.loaded`, whose position
/// `RuleHistory` remembers.
struct RuleArchive: Sendable {
  static let source = "earshot"
  /// How many bytes of a file one event holds; escaped they may take twice that.
  static let partSize = 256 << 10

  let log: any DurableLog
  let clock: any HostClock

  /// Stores the files of rules as a revision, and that it has been loaded, with what becomes of open windows.
  func store(_ files: [RuleFile], of rules: RuleSet, windows plan: WindowPlan) async throws {
    let revision = rules.revision
    var intake = EventIntake(defaultSource: Self.source, clock: clock)
    var batch = EventBatch()
    var names: [JSONValue] = []
    for file in files {
      let parts = Self.parts(of: file)
      for part in parts { try intake.append(part, to: &batch) }
      names.append(["name": .string(file.name), "parts": .array(parts.map { .string($0.id ?? "") })])
    }
    var list = CloudEvent(
      type: "earshot.rules.revision",
      subject: revision,
      data: ["revision": .string(revision), "files": .array(names)]
    )
    list.id = Self.id(ofRevision: revision)
    try intake.append(list, to: &batch)
    let loaded = CloudEvent(
      type: "earshot.rules.loaded",
      subject: revision,
      data: [
        "revision": .string(revision), "rules": .number(String(rules.rules.count)), "windows": plan.json,
      ]
    )
    try intake.append(loaded, to: &batch)
    let outcomes = try await log.submit(LogChange(events: batch)).outcomes
    guard case .appended(let position)? = outcomes.last else { return }
    try await log.submit(RuleHistory.note(revision, at: position))
  }

  /// The rules of a revision that was stored; nil when they cannot be used with these plugins any more.
  func fetch(_ revision: String, plugins: PluginCatalog, sources: any SourceCatalog)
    throws(LogFailure) -> RuleSet?
  {
    try RuleHistory(log).rules(of: revision, plugins: plugins, sources: sources)
  }

  static func id(ofRevision revision: String) -> String { "revision/\(revision)" }

  private static func parts(of file: RuleFile) -> [CloudEvent] {
    var hash = SHA256()
    hash.update(data: Array("\(file.name.utf8.count):\(file.name)".utf8))
    hash.update(data: file.bytes)
    let name = "rules/" + hash.finalize().withUnsafeBytes { Hexadecimal.text($0.prefix(16)) }
    var parts: [CloudEvent] = []
    var start = 0
    repeat {
      var end = min(start + partSize, file.bytes.count)
      // A part must not end within a character.
      while end < file.bytes.count, file.bytes[end] & 0xC0 == 0x80 { end -= 1 }
      let text = String(decoding: file.bytes[start..<end], as: UTF8.self)
      var event = CloudEvent(
        type: "earshot.rules.text",
        subject: file.name,
        data: ["file": .string(file.name), "part": .number(String(parts.count)), "text": .string(text)]
      )
      event.id = "\(name)/\(parts.count)"
      parts.append(event)
      start = end
    } while start < file.bytes.count
    return parts
  }
}
