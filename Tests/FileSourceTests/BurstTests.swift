// SPDX-License-Identifier: Apache-2.0

import EventModel
import FaultTesting
import Foundation
import Testing

/// Many changes at once: nothing is lost and nothing comes twice.
@Suite struct BurstTests {
  static let files = FaultSize.of("EARSHOT_BURST", short: 2000)

  @Test func `each of many files in many new folders is created once`() async throws {
    let folder = try WatchedFolder()
    try await folder.watch { sink in
      let started = ContinuousClock.now
      for number in 0..<Self.files / 10 {
        try folder.makeFolder("d\(number)")
        for file in 0..<10 { try folder.write("d\(number)/f\(file)", "x") }
      }
      let written = ContinuousClock.now
      let found = await sink.lines(count: Self.files / 10 * 11)
      print("burst of \(Self.files): written in \(written - started), reported in \(.now - started)")
      let all = await sink.linesUntilNow()
      #expect(all.count == found.count && Set(all).count == all.count)
      #expect(all.allSatisfy { $0.hasPrefix("created ") })
      #expect(all.filter { $0.hasSuffix(" dir") }.count == Self.files / 10)
    }
  }

  /// How many deep folders are made at once; the environment can ask for more.
  static let folders = FaultSize.of("EARSHOT_FOLDERS", short: 200)

  @Test func `a file in folders made a moment ago is created once`() async throws {
    let folder = try WatchedFolder()
    try await folder.watch { sink in
      for number in 0..<Self.folders {
        try folder.makeFolder("a\(number)/b/c/d")
        try folder.write("a\(number)/b/c/d/f", "")
      }
      let found = await sink.lines(count: Self.folders * 5)
      let all = await sink.linesUntilNow()
      #expect(all.count == found.count && Set(all).count == Self.folders * 5)
      let wanted = (0..<Self.folders).map { "created a\($0)/b/c/d/f" }
      #expect(Set(all).isSuperset(of: wanted))
      print(
        "folders \(Self.folders) with three in each and a file, \(all.count) events, none missed or doubled"
      )
    }
  }

  @Test func `what overflows the kernel's queue is found by a rescan`() async throws {
    let folder = try WatchedFolder(options: [.init("settle", "0s")])
    let gate = Gate()
    try await folder.watch(gate: gate) { sink in
      gate.shut()
      for number in 0..<8 {
        try folder.write("early\(number)")
        if number < 4 { _ = await sink.lines(count: number + 1) }
      }
      for number in 0..<300 { try folder.write("late\(number)") }
      // More notifications than the queue holds, all about one file that is gone in the end.
      for _ in 0..<12_000 {
        try folder.write("busy")
        try folder.remove("busy")
      }
      try folder.write("last")
      gate.open()
      let found = await sink.lines(count: 310)
      #expect(found.contains { $0.hasSuffix(" recovered") })
      let news = await sink.linesUntilNow()
      let all = news.filter { !$0.hasPrefix("overflow") }
      #expect(all.count < news.count, "it is told that the queue was full")
      #expect(Set(all.map { $0.replacing(" recovered", with: "") }).count == 309)
      #expect(all.count == 309 && all.allSatisfy { $0.hasPrefix("created ") })
    }
  }
}
