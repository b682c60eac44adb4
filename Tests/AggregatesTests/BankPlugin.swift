// SPDX-License-Identifier: Apache-2.0

import Aggregates
import EventModel
import PluginWire
import Rules
import Synchronization

/// A plugin that decides as the account of `BankBench.bank` does, and does what a test wants in between.
final class BankPlugin: AggregatePlugins {
  static let rules = "aggregates: { account: { uses: bank.account } }"

  /// What is done before a question is answered.
  typealias Interference = @Sendable (AggregateQuestion) async throws(CommandFailure) -> Void

  private struct Record {
    var questions: [AggregateQuestion] = []
    var asking: [String: Int] = [:]
    var mostAtOnce = 0
  }

  private let record = Mutex(Record())
  private let interference = Mutex<Interference?>(nil)
  private let forgery = Mutex<AggregateAnswer?>(nil)

  /// What has been asked.
  var questions: [AggregateQuestion] { record.withLock { $0.questions } }
  /// How many questions about one thing there were at once, at most.
  var mostAtOnce: Int { record.withLock { $0.mostAtOnce } }

  /// Does this before each answer from now on.
  func interfere(_ body: Interference?) { interference.withLock { $0 = body } }

  /// Answers commands with this.
  func forge(_ answer: AggregateAnswer?) { forgery.withLock { $0 = answer } }

  func forgetQuestions() { record.withLock { $0.questions = [] } }

  var catalog: Nothing {
    let amount = ParameterSchema.object([.init("amount", .number, isRequired: true)])
    let account = AggregateDescription(
      name: "account",
      events: ["Deposited", "Withdrawn"],
      commands: [
        .init(name: "Deposit", parameters: amount),
        .init(name: "Withdraw", parameters: amount, refused: "WithdrawRefused"),
        .init(name: "Twice", parameters: amount),
      ]
    )
    return Nothing(plugins: [
      PluginDescription(name: "bank", version: "1", actions: [], aggregates: [account])
    ])
  }

  func ask(_ question: AggregateQuestion, of aggregate: PluginAggregate) async throws(CommandFailure)
    -> AggregateAnswer
  {
    record.withLock { record in
      record.questions.append(question)
      let now = record.asking[question.key, default: 0] + 1
      record.asking[question.key] = now
      record.mostAtOnce = max(record.mostAtOnce, now)
    }
    defer { record.withLock { $0.asking[question.key, default: 1] -= 1 } }
    if let body = interference.withLock({ $0 }) { try await body(question) }
    await Task.yield()
    if question.command != nil, let forged = forgery.withLock({ $0 }) { return forged }
    return Self.answer(question)
  }

  private static func answer(_ question: AggregateQuestion) -> AggregateAnswer {
    var balance = question.state.flatMap { try? JSONValue(json: $0)["balance"]?.int } ?? 0
    for event in question.events.compactMap({ try? JSONValue(json: $0) }) {
      let amount = event["data"]?["amount"]?.int ?? 0
      balance += event["type"] == "Deposited" ? amount : -amount
    }
    let state: JSONValue = ["balance": .number("\(balance)")]
    guard let command = question.command else { return AggregateAnswer(state: state) }
    let amount = command.data["amount"]?.int ?? 0
    let deposited: JSONValue = ["type": "Deposited", "data": ["amount": .number("\(amount)")]]
    switch command.name {
    case "Deposit": return AggregateAnswer(state: state, verdict: .accepted([deposited]))
    case "Twice": return AggregateAnswer(state: state, verdict: .accepted([deposited, deposited]))
    default:
      guard amount <= balance else {
        return AggregateAnswer(state: state, verdict: .refused("only \(balance)"))
      }
      let withdrawn: JSONValue = ["type": "Withdrawn", "data": ["amount": .number("\(amount)")]]
      return AggregateAnswer(state: state, verdict: .accepted([withdrawn]))
    }
  }
}
