// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation

/// What is there once hosts that were killed, and a last one, have done their load (`CrashLoad`).
struct CrashFindings {
  /// Why a run is given up that was under way when three hosts ended.
  private static let quarantine = "quarantined: the host has ended 3 times while it was under way"

  private var loads: Set<String> = []
  private var done: Set<String> = []
  private var reasons: Set<String> = []
  /// The events whose runs are dead, by rule.
  private var deaths: [String: Set<String>] = [:]
  /// What lists of ids were emitted, by type.
  private var lists: [String: [String]] = [:]
  private var effects: Set<String> = []
  private var once: [String] = []
  private var uncertain = 0
  /// What the views hold: how many loads in either of them, and how many of these more than once or out of order.
  private var views: [JSONValue] = []
  /// Why runs are dead of which no event tells.
  private var untold: Set<String> = []

  /// Waits until nothing is open, and looks.
  init(_ bench: HostBench) async throws {
    try await CrashLoad.waitUntilNothingIsOpen(bench)
    let marker = try await bench.emit(#"{"type":"marker"}"#)
    try await bench.follow { events in
      if let event = events.last { note(event) }
      return events.last?["type"]?.string == "marker"
    }
    views = try await Self.views(at: marker, bench)
    effects = Set(Self.lines(bench.work + "/ledger"))
    once = Self.lines(bench.work + "/once")
    uncertain = try await Self.count("uncertain", bench)
    let dead = try await bench.client.query(["runs"], [("state", "dead"), ("limit", "1000")])
    if case .array(let runs) = dead {
      untold = Set(runs.compactMap { $0["failure"]?.string }).subtracting(reasons)
    }
  }

  private mutating func note(_ event: JSONValue) {
    switch event["type"]?.string ?? "" {
    case "load": loads.insert(event["id"]?.string ?? "")
    case "load.done": done.insert(event["subject"]?.string ?? "")
    case "earshot.delivery.dead":
      deaths[event["data"]?["rule"]?.string ?? "", default: []].insert(event["causationid"]?.string ?? "")
      reasons.insert(event["data"]?["failure"]?.string ?? "")
    case let type where type.hasPrefix("load."):
      if case .array(let ids)? = event["data"] { lists[type, default: []] += ids.compactMap(\.string) }
    default: break
    }
  }

  /// What views hold that have seen an event.
  private static func views(at position: Int64, _ bench: HostBench) async throws -> [JSONValue] {
    let sql = """
      SELECT (SELECT count(*) FROM loads), (SELECT sum(n) FROM loads), (SELECT sum(n) FROM loads_by_end),
        (SELECT count(DISTINCT value) FROM loads_by_end, json_each(positions)),
        (SELECT count(*) FROM loads_by_end WHERE n != json_array_length(positions)), (SELECT sum(endings) FROM loads)
      """
    let answer = try await bench.client.ask([
      "sql": .string(sql), "consistent_with": .number("\(position)"), "timeout": "60s",
    ])
    guard case .array(let rows)? = answer["rows"], case .array(let row)? = rows.first else { return [] }
    return row
  }

  private static func lines(_ path: String) -> [String] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  /// How many runs are in a state.
  private static func count(_ state: String, _ bench: HostBench) async throws -> Int {
    var (count, before) = (0, "")
    while true {
      let page = [("state", state), ("limit", "1000")] + (before.isEmpty ? [] : [("before", before)])
      guard case .array(let runs) = try await bench.client.query(["runs"], page) else { return count }
      count += runs.count
      guard runs.count == 1000, case .number(let last)? = runs.last?["run"] else { return count }
      before = last
    }
  }

  /// What does not hold, in words: every acknowledged event is in the log, and each event's run is done or dead with its
  /// effect to show for it; what must not be repeated was not.
  func problems(_ acknowledged: [String], kills: Int) -> [String] {
    let dead = deaths["note"] ?? []
    let open = loads.subtracting(done.union(dead))
    // Few, since they go on one after another.
    let unqueued = loads.filter { $0.hasSuffix("3") }.subtracting(
      (deaths["queue"] ?? []).union(lists["load.queued"] ?? [])
    )
    let ungathered = loads.subtracting(lists["load.gathered"] ?? [])
    let findings: [(what: String, events: Set<String>, allowed: Int)] = [
      ("are acknowledged and not in the log", Set(acknowledged).subtracting(loads), 0),
      ("are neither done nor dead", open, 0),
      ("have left no queued run", unqueued, 0),
      ("were not gathered", ungathered, 7 * (deaths["gather"]?.count ?? 0)),
      ("are done without an effect", done.subtracting(effects), 0),
      ("have an effect and are not in the log", effects.subtracting(loads), 0),
      ("were dealt with twice, which must not be repeated", Self.repeated(once), 0),
      ("were gathered twice", Self.repeated(lists["load.gathered"] ?? []), 0),
      ("were queued twice", Self.repeated(lists["load.queued"] ?? []), 0),
      ("are given up", dead, kills),
      ("are given up for another reason", reasons.subtracting([Self.quarantine]), 0),
      ("are reasons for which runs are dead without a word", untold, 0),
    ]
    var problems = findings.filter { $0.events.count > $0.allowed }.map { finding in
      "\(finding.events.count) \(finding.what): \(finding.events.sorted().prefix(5))"
    }
    let count = JSONValue.number("\(loads.count)")
    if views != [count, count, count, count, .number("0"), .number("\(done.count)")] {
      problems.append("the views hold \(views.map(\.json)), of \(loads.count) loads, \(done.count) done")
    }
    if acknowledged.isEmpty { problems.append("nothing was acknowledged") }
    if once.count > loads.count || once.count + uncertain < loads.count {
      problems.append("\(once.count) dealt with once and \(uncertain) uncertain, of \(loads.count)")
    }
    return problems
  }

  private static func repeated(_ ids: [String]) -> Set<String> {
    Set(Dictionary(grouping: ids) { $0 }.filter { $0.value.count > 1 }.keys)
  }

  /// How many of each there are, in words.
  func figures(_ acknowledged: [String]) -> String {
    let dead = deaths["note"] ?? []
    return """
      events \(loads.count), acknowledged \(acknowledged.count), done \(done.count), dead \(dead.count) \(reasons.sorted())
      done once \(once.count), uncertain \(uncertain)
      """
  }
}
