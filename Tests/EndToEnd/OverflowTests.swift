// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import FaultTesting
import Processes
import Testing

/// A host that does not get to read what the kernel tells it of files, until the kernel gives up.
///
/// `EARSHOT_OVERFLOWS` says how often.
@Suite struct OverflowTests {
  private static let rounds = FaultSize.of("EARSHOT_OVERFLOWS", short: 1)
  private static let files = 200

  @Test func `what is lost by the kernel is found, and the state of each file is told`() async throws {
    let limit = try #require(
      Int(
        String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
          .trimmingCharacters(in: .newlines)
      )
    )
    let seed = FaultSize.seed()
    var random = SeededRandom(seed: seed)
    let bench = try HostBench(rules: "sources: { here: { uses: files, with: { paths: [\"ROOT\"] } } }")
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    var told = ToldFiles(folder: bench.work)
    var changes = 0
    for round in 0..<Self.rounds {
      host.process.signal(SIGSTOP)
      changes += try change(bench.work, 100, &random)
      // Three notifications each, and none that is like the one before, so the queue is full before the end.
      for _ in 0..<limit / 2 { try replace(bench.work + "/busy") }
      changes += limit / 2
      changes += try change(bench.work, 100, &random)
      host.process.signal(SIGCONT)
      try "\(round)".write(toFile: bench.work + "/mark-\(round)", atomically: false, encoding: .utf8)
      // What is still being settled is told of after the mark.
      try await follow(bench, &told) { $0["data"]?["path"]?.string?.hasSuffix("/mark-\(round)") == true }
      let onDisk = try Self.sizes(bench.work)
      let isTold = try await eventually {
        let end = "\(try await bench.emit(#"{"type":"end"}"#))"
        try await follow(bench, &told) { $0["sequence"]?.string == end }
        return told.sizes == onDisk
      }
      #expect(isTold, "round \(round): \(Self.difference(told.sizes, onDisk))")
    }
    #expect(told.overflows >= Self.rounds, "the queue was not full")
    #expect(await host.end(SIGTERM) == .exited(0))
    print(
      "overflow \(Self.rounds) times, \(changes) changes, \(told.sizes.count) files, all told as they are,",
      "\(told.recoveries) events recovered, seed \(seed)"
    )
  }

  /// Makes, changes and removes some files at random; says how often.
  private func change(_ folder: String, _ count: Int, _ random: inout SeededRandom) throws -> Int {
    for _ in 0..<count {
      let path = folder + "/file-\(Int.random(in: 0..<Self.files, using: &random))"
      if Int.random(in: 0..<4, using: &random) == 0 {
        unlink(path)
      } else {
        let text = String(repeating: "x", count: Int.random(in: 1...5000, using: &random))
        try text.write(toFile: path, atomically: Bool.random(using: &random), encoding: .utf8)
      }
    }
    return count
  }

  private func replace(_ path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    try #require(descriptor >= 0)
    close(descriptor)
    unlink(path)
  }

  /// Takes what the log tells, from its beginning to an event.
  private func follow(
    _ bench: HostBench,
    _ told: inout ToldFiles,
    until isLast: (JSONValue) -> Bool
  ) async throws {
    var fresh = ToldFiles(folder: bench.work)
    try await bench.follow { events in
      guard let event = events.last else { return false }
      fresh.take(event)
      return isLast(event)
    }
    told = fresh
  }

  private static func difference(_ told: [String: Int], _ onDisk: [String: Int]) -> [String] {
    Set(told.keys).union(onDisk.keys).filter { told[$0] != onDisk[$0] }.sorted()
      .map { "\($0): told \(told[$0] ?? -1), on disk \(onDisk[$0] ?? -1)" }
  }

  private static func sizes(_ folder: String) throws -> [String: Int] {
    var sizes: [String: Int] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
      sizes[name] = attributes[.size] as? Int
    }
    return sizes
  }
}

/// What the events of a folder say is in it.
private struct ToldFiles {
  let folder: String
  private(set) var sizes: [String: Int] = [:]
  /// How many events were found by looking instead of being told.
  private(set) var recoveries = 0
  /// How often the kernel had lost something.
  private(set) var overflows = 0

  init(folder: String) { self.folder = folder }

  mutating func take(_ event: JSONValue) {
    guard let type = event["type"]?.string, type.hasPrefix("file."), let data = event["data"] else { return }
    if data["recovered"] == true { recoveries += 1 }
    if type == "file.overflow", data["paths"] == [.string(folder)] { overflows += 1 }
    guard let name = self.name(of: data["path"]) else { return }
    if let from = self.name(of: data["from"]) { sizes[from] = nil }
    if type == "file.deleted" {
      sizes[name] = nil
    } else if case .number(let size)? = data["size"] {
      sizes[name] = Int(size)
    }
  }

  private func name(of path: JSONValue?) -> String? {
    guard let path = path?.string, path.hasPrefix(folder + "/") else { return nil }
    return String(path.dropFirst(folder.count + 1))
  }
}
