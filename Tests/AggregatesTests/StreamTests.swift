// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import Foundation
import GRDB
import Rules
import SQLiteLog
import Testing

@testable import Aggregates

/// Which events belong to a thing, and its states at all times.
@Suite struct StreamTests {
  @Test func `finds the events that were there before the aggregate`() async throws {
    let before = try BankBench("rules: {}\naggregates: { other: { evolve: { X: state } } }")
    for amount in [1, 2, 3] { try await before.deposit(amount) }
    try await before.deposit(7, to: "2")
    let bench = try BankBench(on: before.log)
    try await bench.takeUp()
    #expect(try bench.balance() == "6" && bench.balance(of: "2") == "7")
    #expect(try await bench.send("Withdraw", 6).version == 4)
  }

  @Test func `takes no command until all older events have been looked through`() async throws {
    let before = try BankBench("aggregates: { other: { evolve: { X: state } } }")
    try await before.deposit(1)
    let bench = try BankBench(on: before.log)
    try await bench.dispatcher.beginStreams(bench.rules)
    try bench.dispatcher.use(bench.rules, credits: [:])
    let error = await #expect(throws: CommandFailure.self) { try await bench.send("Withdraw", 1) }
    #expect(error?.code == .notReady)
    // What comes meanwhile is found in its turn.
    try await bench.deposit(2)
    try await bench.takeUp()
    #expect(try bench.balance() == "3" && bench.state().version == 2)
  }

  @Test func `makes the streams anew when the aggregate says otherwise which events belong to them`()
    async throws
  {
    let first = try BankBench()
    try await first.takeUp()
    try await first.deposit(5)
    let keyed = BankBench.bank.replacing("    initial:", with: "    key: \"'all'\"\n    initial:")
    let second = try BankBench(keyed, on: first.log)
    try await second.takeUp()
    #expect(second.aggregate.streamOwner != first.aggregate.streamOwner)
    #expect(try second.balance(of: "all") == "5")
    #expect(try first.log.streams(of: first.aggregate.streamOwner, after: nil, limit: 9).isEmpty)
    #expect(try first.log.windows(of: first.aggregate.streamOwner, limit: 9).isEmpty)
  }

  @Test func `tells of an event whose key has no value`() async throws {
    let bench = try BankBench("aggregates: { account: { key: event.data.id, evolve: { Deposited: state } } }")
    try await bench.deposit(5)
    let notice = try #require(try bench.events().last)
    #expect(notice["type"]?.string == "earshot.aggregate.failed")
    #expect(notice["data"]?["aggregate"]?.string == "account" && notice["data"]?["position"]?.int == 1)
  }

  @Test func `knows every state of the past`() async throws {
    let bench = try BankBench()
    for amount in 1...5 {
      _ = try await bench.send("Deposit", amount)
      try await bench.deposit(100, to: "2")
    }
    #expect(
      try (0...6).map { try bench.balance(at: .version($0)) ?? "" } == ["0", "1", "3", "6", "10", "15", "15"]
    )
    let positions = try (0...11).map { try bench.balance(at: .position(LogPosition(rawValue: $0))) ?? "" }
    #expect(positions == ["0", "1", "1", "3", "3", "6", "6", "10", "10", "15", "15", "15"])
  }
}

/// The states of long streams on disk.
@Suite struct SnapshotTests {
  private static let count = Int(SnapshotFile.stride) + 10

  private func bench(_ folder: Folder, _ text: String = BankBench.bank, on log: (any DurableLog)? = nil)
    throws
    -> BankBench
  {
    let file = try #require(SnapshotFile(path: folder.path + "/snapshots.sqlite"))
    return try BankBench(text, on: log, snapshots: file)
  }

  /// How many states are kept.
  private func kept(_ folder: Folder) throws -> Int {
    let queue = try DatabaseQueue(path: folder.path + "/snapshots.sqlite")
    return try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM snapshot") ?? 0 }
  }

  private func change(_ folder: Folder, _ sql: String) throws {
    let queue = try DatabaseQueue(path: folder.path + "/snapshots.sqlite")
    try queue.write { try $0.execute(sql: sql) }
  }

  /// A log in which one thing has a long stream, whose state is kept.
  private func long(_ folder: Folder) async throws -> BankBench {
    let bench = try bench(folder)
    for _ in 0..<Self.count { try await bench.deposit(1) }
    #expect(try await bench.send("Deposit", 1).version == Int64(Self.count) + 1)
    #expect(try kept(folder) == 1)
    return bench
  }

  @Test func `begins with the kept state of a long stream`() async throws {
    let folder = try Folder()
    let first = try await long(folder)
    let snapshots = try #require(SnapshotFile(path: folder.path + "/snapshots.sqlite"))
    let reader = StateReader(first.log, snapshots: snapshots)
    // Told from the truth by its value, which nothing but the file can have.
    let told = AggregateState(value: ["balance": 1000], version: Int64(Self.count))
    snapshots.keep(told, of: StateReader.stream(of: "1", first.aggregate), first.aggregate, in: first.log)
    #expect(try reader.state(of: "1", first.aggregate).value["balance"]?.json == "1001")
    #expect(try reader.state(of: "1", first.aggregate, at: .version(3)).value["balance"]?.json == "3")
    #expect(
      try reader.state(of: "1", first.aggregate, at: .position(LogPosition(rawValue: 4))).value["balance"]?
        .json == "4"
    )
  }

  @Test(
    arguments: [
      "UPDATE snapshot SET state = CAST('{\"balance\":7}' AS BLOB)",
      "UPDATE snapshot SET version = version - 1",
      "UPDATE snapshot SET event = zeroblob(16)", "UPDATE snapshot SET fold = 'other'",
    ]
  )
  func `believes nothing that does not fit the log`(damage: String) async throws {
    let folder = try Folder()
    let first = try await long(folder)
    try change(folder, damage)
    let reader = StateReader(first.log, snapshots: SnapshotFile(path: folder.path + "/snapshots.sqlite"))
    #expect(try reader.state(of: "1", first.aggregate).value["balance"]?.json == "\(Self.count + 1)")
  }

  @Test func `begins anew with a file that cannot be read`() async throws {
    let folder = try Folder()
    try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: folder.path + "/snapshots.sqlite"))
    _ = try await long(folder)
  }

  @Test func `does not take the states of another definition for its own`() async throws {
    let folder = try Folder()
    let first = try await long(folder)
    let doubled = BankBench.bank.replacing("state.balance + event", with: "state.balance + 2.0 * event")
    let second = try bench(folder, doubled, on: first.log)
    let reader = StateReader(first.log, snapshots: SnapshotFile(path: folder.path + "/snapshots.sqlite"))
    let state = try reader.state(of: "1", second.aggregate)
    #expect(state.value["balance"]?.json == "\(2 * (Self.count + 1))")
  }
}
