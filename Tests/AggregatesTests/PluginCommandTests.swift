// SPDX-License-Identifier: Apache-2.0

import Aggregates
import DurableLog
import EventModel
import FaultTesting
import PluginWire
import Rules
import Synchronization
import Testing

/// Commands to aggregates whose states a plugin makes.
@Suite struct PluginCommandTests {
  private let plugin = BankPlugin()

  private func bench() throws -> BankBench { try BankBench(BankPlugin.rules, plugin: plugin) }

  private func balance(_ bench: BankBench, at moment: StateReader.Moment = .now) async throws -> String? {
    try await bench.states?.state(of: "1", bench.aggregate, at: moment).value["balance"]?.json
  }

  /// What can be compared of two answers, which have other ids.
  private static func outline(_ reply: CommandReply) -> [String] {
    [reply.refusal ?? "accepted", "\(reply.version)", "\(reply.isRepeated)"]
      + reply.events.map { "\($0.type) \($0.position.map { "\($0)" } ?? "")" }
  }

  @Test func `decides and records just as the same account in expressions does`() async throws {
    let (other, own) = (try BankBench(), try bench())
    var random = SystemRandomNumberGenerator()
    for number in 0..<200 {
      let command = ["Deposit", "Withdraw", "Twice"].randomElement(using: &random) ?? ""
      let (amount, key) = (Int.random(in: 1...20, using: &random), "\(Int.random(in: 1...3, using: &random))")
      let id = number % 3 == 0 ? "c\(number / 2)" : nil
      if number % 10 == 0 {
        try await other.deposit(amount, to: key, id: "o\(number)")
        try await own.deposit(amount, to: key, id: "o\(number)")
      }
      let expected = try await other.send(command, amount, to: key, id: id)
      let reply = try await own.send(command, amount, to: key, id: id)
      #expect(Self.outline(reply) == Self.outline(expected), "command \(number)")
    }
    let (events, expected) = (try own.events(), try other.events())
    #expect(events.count == expected.count)
    for (event, expected) in zip(events, expected) {
      #expect(JSONValue(event)["data"] == JSONValue(expected)["data"])
      #expect(event["type"]?.string == expected["type"]?.string)
      #expect(event["subject"]?.string == expected["subject"]?.string)
    }
    for version in 1...(try other.state().version) {
      let past = try await balance(own, at: .version(version))
      #expect(past == (try other.balance(at: .version(version))))
    }
    for position in 1...events.count {
      let moment = StateReader.Moment.position(LogPosition(rawValue: Int64(position)))
      #expect(try await balance(own, at: moment) == (try other.balance(at: moment)))
    }
  }

  @Test func `asks with what has happened since the last question, and no more`() async throws {
    let bench = try bench()
    _ = try await bench.send("Deposit", 10)
    try await bench.deposit(5)
    plugin.forgetQuestions()
    _ = try await bench.send("Withdraw", 15)
    let question = try #require(plugin.questions.first)
    #expect(plugin.questions.count == 1 && question.events.count == 2 && question.command?.name == "Withdraw")
    #expect(question.key == "1")
    plugin.forgetQuestions()
    #expect(try await balance(bench) == "0")
    #expect(plugin.questions.map(\.events.count) == [1])
    plugin.forgetQuestions()
    #expect(try await balance(bench) == "0")
    #expect(plugin.questions == [])
  }

  @Test func `decides anew, with the fresh events, when others change the thing meanwhile`() async throws {
    let bench = try bench()
    _ = try await bench.send("Deposit", 10)
    let left = Mutex(3)
    plugin.forgetQuestions()
    plugin.interfere { question throws(CommandFailure) in
      guard question.command != nil,
        left.withLock({
          $0 -= 1; return $0 >= 0
        })
      else { return }
      do { try await bench.deposit(30) } catch { throw CommandFailure(.failed, "\(error)") }
    }
    let reply = try await bench.send("Withdraw", 100)
    #expect(reply.refusal == nil && reply.version == 5)
    #expect(plugin.questions.map(\.events.count) == [1, 1, 1, 1])
    #expect(try await balance(bench) == "0")
  }

  @Test func `gives up after some attempts when others never stop`() async throws {
    let bench = try bench()
    plugin.interfere { _ throws(CommandFailure) in
      do { try await bench.deposit(1) } catch { throw CommandFailure(.failed, "\(error)") }
    }
    let error = await #expect(throws: CommandFailure.self) { try await bench.send("Deposit", 1) }
    #expect(error?.code == .busy && plugin.questions.count == CommandHandler.attempts)
  }

  @Test func `does one command of a thing at a time, and loses none`() async throws {
    let bench = try bench()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        // All at once.
        group.addTask {
          for number in 0..<25 {
            let reply = try await bench.send("Deposit", 1, id: "\(writer)-\(number)")
            #expect(reply.refusal == nil && !reply.isRepeated)
            _ = try await bench.send("Deposit", 1, to: "2")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(plugin.mostAtOnce == 1)
    #expect(try await balance(bench) == "200")
    #expect(try bench.log.version(of: StateReader.stream(of: "2", bench.aggregate)) == 200)
  }

  @Test func `lets no more than some commands wait for one thing`() async throws {
    let bench = try bench()
    let (gate, open) = AsyncStream<Void>.makeStream()
    plugin.interfere { _ throws(CommandFailure) in for await _ in gate {} }
    let answers = try await withThrowingTaskGroup(of: CommandFailure.Code?.self) { group in
      for _ in 0..<1100 {
        // All at once; the first has its turn until the gate opens.
        group.addTask {
          do { _ = try await bench.send("Deposit", 1) } catch let failure as CommandFailure {
            return failure.code
          }
          return nil
        }
      }
      var answers: [CommandFailure.Code?] = []
      for try await answer in group {
        open.finish()
        answers.append(answer)
      }
      return answers
    }
    let done = answers.count { $0 == nil }
    #expect(answers.first == .busy && answers.allSatisfy { $0 == nil || $0 == .busy })
    #expect(done >= 1024 && done < 1100)
    #expect(try await balance(bench) == "\(done)")
  }

  @Test(arguments: [CommandFailure.Code.busy, .failed])
  func `passes on why a plugin does not answer, appends nothing and goes on`(code: CommandFailure.Code)
    async throws
  {
    let bench = try bench()
    _ = try await bench.send("Deposit", 10)
    plugin.interfere { _ throws(CommandFailure) in throw CommandFailure(code, "it has ended") }
    let error = await #expect(throws: CommandFailure.self) { try await bench.send("Deposit", 1, id: "d") }
    #expect(error == CommandFailure(code, "it has ended"))
    plugin.interfere(nil)
    #expect(try await bench.send("Deposit", 1, id: "d").version == 2)
    #expect(try bench.events().count == 2)
  }

  @Test(
    arguments: [
      AggregateAnswer(state: [:]),
      AggregateAnswer(state: [:], verdict: .accepted([["type": "Deposited", "subject": "account/2"]])),
      AggregateAnswer(state: [:], verdict: .accepted([["type": "WithdrawRefused"]])),
      AggregateAnswer(state: [:], verdict: .accepted([["data": 1]])),
      AggregateAnswer(state: [:], verdict: .accepted([7])),
      AggregateAnswer(state: ["x": .string(String(repeating: "x", count: 1 << 20))], verdict: .refused("no")),
    ]
  ) func `believes no answer that no aggregate gives`(forged: AggregateAnswer) async throws {
    let bench = try bench()
    plugin.forge(forged)
    let error = await #expect(throws: CommandFailure.self) { try await bench.send("Deposit", 1) }
    #expect(error?.code == .failed)
    #expect(try bench.log.lastPosition() == .start)
    plugin.forge(nil)
    #expect(try await bench.send("Deposit", 1).version == 1)
  }

  @Test func `tells of a refusal by an event, and does a command only at the version that is expected`()
    async throws
  {
    let bench = try bench()
    let refused = try await bench.send("Withdraw", 5)
    #expect(refused.refusal == "only 0" && refused.version == 0)
    #expect(try bench.events().map { $0["type"]?.string } == ["WithdrawRefused"])
    #expect(try await bench.send("Deposit", 1, version: 0).version == 1)
    let error = await #expect(throws: CommandFailure.self) { try await bench.send("Deposit", 1, version: 0) }
    #expect(error?.code == .version && error?.message == "account/1 has the version 1, not 0")
    let wrong = await #expect(throws: CommandFailure.self) { try await bench.send("Deposit") }
    #expect(wrong?.code == .invalid)
  }

  @Test func `gives a plugin the events of a long stream in parts`() async throws {
    let bench = try bench()
    for _ in 0..<1100 { try await bench.deposit(1) }
    #expect(try await balance(bench) == "1100")
    #expect(plugin.questions.map(\.events.count) == [500, 500, 100])
    plugin.forgetQuestions()
    bench.handler.use(bench.rules.aggregates)
    #expect(try await bench.send("Withdraw", 1100).version == 1101)
    #expect(plugin.questions.map(\.events.count) == [500, 500, 100])
    #expect(plugin.questions.map { $0.command != nil } == [false, false, true])
  }

  @Test func `no state is made without the plugin`() throws {
    let bench = try bench()
    #expect(throws: CommandFailure.self) { try bench.state() }
  }
}
