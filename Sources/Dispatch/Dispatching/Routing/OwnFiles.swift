// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Which files the attempts of each rule change that are under way or have ended not long ago.
///
/// An event of a file does not tell who has changed it. But actions say which of their parameters name what they write
/// (`ActionDescription.writes`), so what is found at such a place in the state that it had when the attempt ended is the
/// attempt's own work, and does not trigger its rule again. What somebody else changes there during the attempt cannot be
/// told from it and counts as its own; what changes there afterwards does not. Kept in memory: after a start of the host,
/// what was written before it is news.
struct OwnFiles {
  private struct Attempt {
    let ticket: UInt64
    let paths: [String]
    let began: Timestamp
    var ended: Timestamp?
  }

  /// How many attempts of a rule are remembered.
  static let memory = 1000
  /// How long after an attempt a file that it took away may be reported.
  private static let patience: Duration = .seconds(10)
  /// How far the clock of file systems is behind: a tick of the slowest kernels.
  private static let tick: Duration = .milliseconds(10)

  /// The attempts of one rule, the oldest first, and how many of them name each path.
  private struct Memory {
    var attempts: [Attempt] = []
    var places: [String: Int] = [:]

    mutating func add(_ attempt: Attempt) {
      attempts.append(attempt)
      for path in attempt.paths { places[path, default: 0] += 1 }
    }

    mutating func forget(at index: Int) {
      for path in attempts.remove(at: index).paths {
        let rest = (places[path] ?? 1) - 1
        places[path] = rest == 0 ? nil : rest
      }
    }
  }

  private var memories: [String: Memory] = [:]

  /// An attempt of a rule begins that changes what is at or below these absolute paths.
  mutating func begin(_ ticket: UInt64, of rule: String, paths: [String], at now: Timestamp) {
    guard !paths.isEmpty else { return }
    var memory = memories.removeValue(forKey: rule) ?? Memory()
    if memory.attempts.count >= Self.memory,
      let oldest = memory.attempts.firstIndex(where: { $0.ended != nil })
    {
      memory.forget(at: oldest)
    }
    memory.add(Attempt(ticket: ticket, paths: paths, began: now))
    memories[rule] = memory
  }

  /// The attempt has ended.
  mutating func end(_ ticket: UInt64, of rule: String, at now: Timestamp) {
    guard
      let place = memories[rule]?.attempts.lastIndex(where: { $0.ticket == ticket && $0.ended == nil })
    else { return }
    memories[rule]?.attempts[place].ended = now
  }

  /// Whether attempts of the rule are remembered.
  func knows(_ rule: String) -> Bool { memories[rule] != nil }

  /// Whether what an event tells of a file is the work of the rule itself.
  func hold(_ news: FileNews, by rule: String, at now: Timestamp) -> Bool {
    guard let memory = memories[rule], news.places.contains(where: { memory.places[$0] != nil }) else {
      return false
    }
    return memory.attempts.reversed().contains { Self.holds(news, $0, now) }
  }

  private static func holds(_ news: FileNews, _ attempt: Attempt, _ now: Timestamp) -> Bool {
    let names = attempt.paths.contains(news.path)
    guard names || attempt.paths.contains(where: { news.isBelow($0) }) else { return false }
    guard let modified = news.modified else { return attempt.ended.map { now <= $0 + patience } ?? true }
    if let ended = attempt.ended, modified > ended { return false }
    // A file that is moved or copied to a place may bring an older time along.
    return names || modified >= attempt.began + (.zero - tick)
  }

  /// The absolute paths in these members of an action's parameters, texts or lists of texts.
  static func paths(in parameters: [UInt8], under names: [String]) -> [String] {
    guard !names.isEmpty, let document = try? JSONDocument(parameters) else { return [] }
    return names.flatMap { name -> [String] in
      guard let value = document.root[name] else { return [] }
      return value.string.map { [$0] } ?? value.elements.compactMap(\.string)
    }
    .compactMap(normalized)
  }

  /// A path without what does not matter in it; nil for one that is not absolute.
  private static func normalized(_ path: String) -> String? {
    guard path.hasPrefix("/") else { return nil }
    return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}

/// What an event tells of a file.
struct FileNews {
  /// How the types of such events begin.
  static let prefix = "file."

  let path: String
  /// When its content was changed last; nil if it is gone.
  let modified: Timestamp?

  /// Reads an event; nil for one that is not about a file.
  init?(_ event: JSONView) {
    guard let type = event["type"]?.string, type.hasPrefix(Self.prefix), let data = event["data"],
      let path = data["path"]?.string
    else { return nil }
    self.path = path
    modified = type == "file.deleted" ? nil : data["mtime"]?.string.flatMap(Timestamp.init(rfc3339:))
  }

  /// The path and those of the folders that it lies in.
  var places: some Sequence<String> {
    sequence(first: path) { path in
      guard path != "/", let slash = path.lastIndex(of: "/") else { return nil }
      return slash == path.startIndex ? "/" : String(path[..<slash])
    }
  }

  func isBelow(_ folder: String) -> Bool { path.hasPrefix(folder == "/" ? "/" : folder + "/") }
}
