// SPDX-License-Identifier: Apache-2.0

import Aggregates
import DurableLog
import EventModel
import FaultTesting
import SQLiteLog
import Testing

@Suite struct CommandTests {
  @Test func `appends the events of a command, by the state that its thing has`() async throws {
    let bench = try BankBench()
    let first = try await bench.send("Deposit", 100)
    #expect(first.refusal == nil && first.version == 1 && first.events.map(\.type) == ["Deposited"])
    #expect(first.events[0].position == LogPosition(rawValue: 1))
    #expect(try await bench.send("Deposit", 50).version == 2)
    #expect(try await bench.send("Twice", 5, to: "2").version == 2)
    #expect(try await bench.send("Withdraw", 30).version == 3)
    #expect(try bench.balance() == "120" && bench.balance(of: "2") == "10")
    let event = try bench.events()[0]
    #expect(event["source"]?.string == "aggregates/account" && event["subject"]?.string == "account/1")
  }

  @Test func `refuses what its requirements do not allow, and tells of it by an event`() async throws {
    let bench = try BankBench()
    _ = try await bench.send("Deposit", 100)
    let refused = try await bench.send("Withdraw", 500)
    #expect(refused.refusal == "only 100" && refused.version == 1)
    #expect(try bench.balance() == "100")
    let event = try bench.events()[1]
    #expect(event["type"]?.string == "WithdrawRefused" && event["subject"]?.string == "account/1")
    #expect(
      event["data"]?["message"]?.string == "only 100" && event["data"]?["command"]?.string == "Withdraw"
    )
  }

  @Test func `answers the same command the same, whatever has happened since`() async throws {
    let bench = try BankBench()
    let first = try await bench.send("Deposit", 100, id: "d1")
    let refused = try await bench.send("Withdraw", 500, id: "w1")
    _ = try await bench.send("Deposit", 900)
    var again = try await bench.send("Deposit", 100, id: "d1")
    #expect(again.isRepeated)
    again.isRepeated = false
    #expect(again == first)
    var refusedAgain = try await bench.send("Withdraw", 500, id: "w1")
    #expect(refusedAgain.isRepeated)
    refusedAgain.isRepeated = false
    #expect(refusedAgain == refused)
    #expect(try bench.balance() == "1000")
  }

  @Test func `does a command only if its thing has the version that is expected`() async throws {
    let bench = try BankBench()
    _ = try await bench.send("Deposit", 1, version: 0)
    let error = await #expect(throws: CommandFailure.self) { try await bench.send("Deposit", 1, version: 0) }
    #expect(error?.code == .version && error?.message == "account/1 has the version 1, not 0")
    #expect(try await bench.send("Deposit", 1, version: 1).version == 2)
  }

  @Test(
    arguments: [
      ("Transfer", 1, "1", CommandFailure.Code.unknown), ("Deposit", nil, "1", .invalid),
      ("Deposit", 1, "", .invalid), ("Stray", nil, "1", .failed), ("Broken", nil, "1", .failed),
    ] as [(String, Int?, String, CommandFailure.Code)]
  )
  func `says why a command cannot be decided on, and appends nothing`(
    command: String,
    amount: Int?,
    key: String,
    code: CommandFailure.Code
  ) async throws {
    let bench = try BankBench()
    let error = await #expect(throws: CommandFailure.self) { try await bench.send(command, amount, to: key) }
    #expect(error?.code == code)
    #expect(try bench.log.lastPosition() == .start)
    #expect(try await bench.send("Deposit", 1).version == 1)
  }

  @Test func `decides anew when others have changed the thing meanwhile`() async throws {
    let bench = try BankBench()
    _ = try await bench.send("Deposit", 10)
    try await bench.deposit(90)
    #expect(try await bench.send("Withdraw", 100).version == 3)
    #expect(try bench.balance() == "0")
  }

  @Test func `ties its events to the one that the command follows from`() async throws {
    let bench = try BankBench()
    var request = CommandRequest(aggregate: "account", key: "1", command: "Deposit", data: ["amount": 1])
    request.cause = Array(#"{"id":"e7","type":"t","source":"s","correlationid":"c1","hops":2}"#.utf8)
    _ = try await bench.handler.handle(request)
    let event = try bench.events()[0]
    #expect(event["causationid"]?.string == "e7" && event["correlationid"]?.string == "c1")
    #expect(event["hops"]?.int == 3)
  }

  @Test func `loses nothing when many send to one thing at once, beside events from elsewhere`() async throws
  {
    let count = FaultSize.of("EARSHOT_COMMANDS", short: 50)
    let folder = try Folder()
    let log = try SQLiteLog(
      path: folder.path + "/log.db",
      clock: VirtualClock(),
      onFatal: { Issue.record($0) }
    )
    let bench = try BankBench(on: log)
    try await bench.takeUp()
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        // All at once.
        group.addTask {
          for number in 0..<count {
            let reply = try await bench.send("Deposit", 1, id: "\(writer)-\(number)")
            #expect(reply.refusal == nil && !reply.isRepeated)
            if number % 10 == 0 { _ = try await bench.send("Deposit", 1, id: "\(writer)-\(number)") }
          }
        }
      }
      group.addTask {
        for _ in 0..<50 {
          try await bench.deposit(1)
          _ = try await bench.send("Deposit", 1, to: "2")
        }
      }
      try await group.waitForAll()
    }
    print("commands \(8 * count) on one account in \(start.duration(to: .now))")
    #expect(try bench.balance() == "\(8 * count + 50)")
    #expect(try bench.state().version == Int64(8 * count + 50))
    await log.close()
  }
}
