// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import FaultTesting
import Foundation
import Processes
import Synchronization
import Testing

/// The example in which an account is an aggregate, with the built host.
@Suite struct BankTests {
  private func bench() throws -> HostBench {
    let bench = try HostBench(rules: "rules: {}")
    let example = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Rules/bank.yaml"
    )
    try FileManager.default.copyItem(atPath: example.standardized.path, toPath: bench.rules + "/bank.yaml")
    return bench
  }

  private func run(_ arguments: [String], _ bench: HostBench) async throws -> CommandLineRun {
    try await CommandLineRun(arguments + ["--state", bench.state])
  }

  private func state(_ thing: String, _ bench: HostBench, _ more: [String] = []) async throws -> JSONValue {
    let shown = try await run(["aggregate", "show", thing, "--json"] + more, bench)
    return try JSONValue(json: Array(shown.output.utf8))["state"] ?? .null
  }

  @Test func `keeps an account in balance, and refuses to overdraw it`() async throws {
    let bench = try bench()
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    #expect(try await run(["command", "account/42", "Open", "owner=Ada"], bench).status == 0)
    for amount in [100, 50] {
      let deposit = try await run(["command", "account/42", "Deposit", "amount=\(amount)"], bench)
      #expect(deposit.status == 0 && deposit.output.contains("Deposited at position"))
    }
    #expect(try await state("account/42", bench)["balance"] == .number("150"))
    let refused = try await run(
      ["command", "account/42", "Withdraw", "--data", #"{"amount":500}"#, "--json"],
      bench
    )
    #expect(refused.status == 1 && refused.output.contains("only 150 is there"), "\(refused.output)")
    let wrong = try await run(["command", "account/42", "Withdraw", "amount=much", "--json"], bench)
    #expect(wrong.status == 65)
    #expect(try await run(["command", "account/42", "Whistle"], bench).status == 66)
    #expect(try await state("account/42", bench, ["--version", "2"])["balance"] == .number("100"))
    #expect(try await state("account/42", bench, ["--at", "1"])["balance"] == .number("0"))
    // Older events are read as newer ones, and a rule sends a command of its own.
    try await bench.emit(#"{"type":"Deposited","subject":"account/42","data":{"cents":5000}}"#)
    try await bench.emit(#"{"type":"transfer.received","data":{"account":42,"amount":7}}"#)
    try await bench.follow("Deposited") { $0.count == 4 }
    #expect(try await state("account/42", bench)["balance"] == .number("207"))
    let history = try await run(["aggregate", "history", "account/42"], bench)
    #expect(history.output.split(separator: "\n").count == 6, "\(history.output)")
    #expect(await host.end(SIGTERM) == .exited(0))
    // Without a host the log itself is read, by the rules that it holds.
    #expect(try await state("account/42", bench)["balance"] == .number("207"))
    let list = try await run(["aggregate", "list", "account"], bench)
    #expect(list.output.contains("42   5"), "\(list.output)")
  }

  /// Sends a command under an id, and says whether it was accepted.
  private static func deposit(_ id: String, _ bench: HostBench) async throws -> Bool {
    let path = ["commands", "account", "1", "Deposit"]
    let answer = try await bench.client.post(path, [("id", id)], body: Array(#"{"amount":1}"#.utf8))
    return answer["accepted"] == .bool(true)
  }

  @Test func `answers each command once, although the host is killed again and again`() async throws {
    let bench = try bench()
    defer { bench.remove() }
    var host = try await HostProcess.start(in: bench)
    _ = try await bench.client.post(
      ["commands", "account", "1", "Open"],
      body: Array(#"{"owner":"Ada"}"#.utf8)
    )
    let writers = 4
    let rounds = 3
    for round in 0..<rounds {
      // Each sends until nobody answers, so that some commands may be done that were answered by nobody.
      await withTaskGroup(of: Void.self) { [host] group in
        for writer in 0..<writers {
          group.addTask {
            for number in 0..<100 {
              guard (try? await Self.deposit("\(round)-\(writer)-\(number)", bench)) == true else { return }
              if writer == 0, number == 5 + round { host.process.signal(SIGKILL) }
            }
          }
        }
      }
      _ = await host.ended()
      host = try await HostProcess.start(in: bench)
      for writer in 0..<writers {
        for number in 0..<100 { #expect(try await Self.deposit("\(round)-\(writer)-\(number)", bench)) }
      }
    }
    #expect(try await state("account/1", bench)["balance"] == .number("\(rounds * writers * 100)"))
    let verified = try await run(["log", "verify"], bench)
    #expect(verified.status == 0)
    #expect(await host.end(SIGTERM) == .exited(0))
  }
}
