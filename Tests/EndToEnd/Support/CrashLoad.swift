// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import Testing

/// What hosts that are killed have to do, and what must hold of it in the end.
enum CrashLoad {
  static let rules = """
    listeners:
      file: { concurrency: 16, with: { roots: ["ROOT"] } }
    rules:
      note:
        trigger: { type: load }
        on_uncertain: retry
        actions:
          - uses: file.append
            with: { path: "ROOT/ledger", content: "${{ event.id }}\\n" }
            retry: { attempts: 50, initial: 1ms, jitter: 0 }
          - emit: { type: load.done, subject: "${{ event.id }}" }
      once:
        trigger: { type: load }
        actions: { uses: file.append, with: { path: "ROOT/once", content: "${{ event.id }}\\n" } }
      gather:
        trigger: { type: load }
        collect: { within: 20ms, max: 7, by: event.id.endsWith('3') }
        actions: { emit: { type: load.gathered, data: "${{ events.map(e, e.id) }}" } }
      queue:
        trigger: { type: load }
        mode: queued
        actions: { emit: { type: load.queued, data: ["${{ event.id }}"] } }
    """

  /// Every acknowledged event is in the log, and each event's run is done or dead with its effect to show for it; what must
  /// not be repeated was not.
  ///
  /// Gives how many of each there are, in words.
  static func check(_ acknowledged: [String], _ bench: HostBench, _ kills: Int) async throws -> [String] {
    var loads: Set<String> = []
    var done: Set<String> = []
    var dead: Set<String> = []
    var reasons: Set<String> = []
    var lists: [String: [String]] = [:]
    var deaths: [String: Set<String>] = [:]
    try await waitUntilNothingIsOpen(bench)
    try await bench.emit(#"{"type":"marker"}"#)
    var hasMarker = false
    try await bench.follow { events in
      guard let event = events.last, let type = event["type"]?.string else { return false }
      switch type {
      case "load": loads.insert(event["id"]?.string ?? "")
      case "load.done": done.insert(event["subject"]?.string ?? "")
      case "earshot.delivery.dead":
        let rule = event["data"]?["rule"]?.string ?? ""
        deaths[rule, default: []].insert(event["causationid"]?.string ?? "")
        reasons.insert(event["data"]?["failure"]?.string ?? "")
      case "load.gathered", "load.queued":
        if case .array(let ids)? = event["data"] { lists[type, default: []] += ids.compactMap(\.string) }
      case "marker": hasMarker = true
      default: break
      }
      return hasMarker
    }
    #expect(!acknowledged.isEmpty)
    #expect(loads.isSuperset(of: acknowledged), "an acknowledged event is lost")
    dead = deaths["note"] ?? []
    #expect(done.union(dead) == loads)
    for (type, ids) in lists {
      let twice = Dictionary(grouping: ids) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
      #expect(twice.isEmpty, "\(type): what is emitted is there once")
    }
    #expect((deaths["queue"] ?? []).union(lists["load.queued"] ?? []) == loads)
    let missing = loads.subtracting(lists["load.gathered"] ?? [])
    #expect(missing.count <= 7 * (deaths["gather"]?.count ?? 0), "what was gathered has got lost")
    let reason = "quarantined: the host has ended 3 times while it was under way"
    #expect(
      reasons.isSubset(of: [reason]) && dead.count <= kills,
      "a run that is tried alone may be taken for the reason"
    )
    let ledger = try String(contentsOfFile: bench.work + "/ledger", encoding: .utf8)
    let effects = Set(ledger.split(separator: "\n").map(String.init))
    #expect(effects.isSubset(of: loads))
    #expect(effects.isSuperset(of: done), "a step that is done has left no effect")
    let once = try String(contentsOfFile: bench.work + "/once", encoding: .utf8).split(separator: "\n")
    let twice = Dictionary(grouping: once) { $0 }.filter { $0.value.count > 1 }
    #expect(twice.isEmpty, "a step that must not be repeated was")
    let uncertain = try await count("uncertain", bench)
    #expect(once.count <= loads.count && once.count + uncertain >= loads.count)
    return [
      "events \(loads.count), acknowledged \(acknowledged.count), done \(done.count), dead \(dead.count)",
      "done once \(once.count), uncertain \(uncertain)",
    ]
  }

  /// How many runs are in a state.
  private static func count(_ state: String, _ bench: HostBench) async throws -> Int {
    var (count, before) = (0, "")
    while true {
      let page = [("state", state), ("limit", "1000")] + (before.isEmpty ? [] : [("before", before)])
      guard case .array(let runs) = try await bench.client.query(["runs"], page) else { return count }
      count += runs.count
      guard runs.count == 1000, case .number(let last)? = runs.last?["id"] else { return count }
      before = last
    }
  }

  /// Returns when no run and no window is open.
  static func waitUntilNothingIsOpen(_ bench: HostBench) async throws {
    var open: JSONValue
    repeat {
      let states = "queued,behind,pending,running,waiting"
      open = try await bench.client.query(["runs"], [("state", states), ("limit", "1")])
      if open == [] { open = try await bench.client.query(["pending"], [("limit", "1")]) }
    } while open != []
  }
}

/// Sends events as fast as they are taken, and remembers which were acknowledged.
struct LoadProducer: Sendable {
  let path: String
  let round: Int

  /// Calls `kill` after some acknowledgements, goes on until the host is gone and gives the ids of all that were
  /// acknowledged.
  func run(until count: Int = .max, _ kill: @Sendable () -> Void = {}) async -> [String] {
    guard let socket = try? EventSocket(path) else { return [] }
    var acknowledged: [String] = []
    var sent = 0
    var ids: [String] = []
    while true {
      while ids.count < acknowledged.count + 20 {
        let id = "\(round)-\(sent)"
        sent += 1
        guard socket.send(#"{"type":"load","id":"\#(id)","source":"load"}"# + "\n") else {
          return acknowledged
        }
        ids.append(id)
      }
      guard let answer = socket.answer() else { return acknowledged }
      guard answer.hasPrefix(#"{"position""#) else { continue }
      acknowledged.append(ids[acknowledged.count])
      if acknowledged.count == count { kill() }
    }
  }
}
