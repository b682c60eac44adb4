// SPDX-License-Identifier: Apache-2.0

import ListenerTestKit
import Testing

@testable import ListenerShop

@Suite struct StockTests {
  private func stock() throws -> AggregateTest<Stock> {
    AggregateTest(Stock.self, key: "tea").given(
      try CloudEvent("stock.received", Stock.Quantity(amount: 10)),
      try CloudEvent("stock.reserved", Stock.Share(order: "7", amount: 4))
    )
  }

  @Test func `counts what there is and what is promised`() async throws {
    #expect(try await AggregateTest(Stock.self).state() == ["there": 0, "reserved": [:]])
    #expect(try await stock().state() == ["there": 10, "reserved": ["7": 4]])
    let released = try stock().given(try CloudEvent("stock.released", Stock.Order(order: "7")))
    #expect(try await released.state() == ["there": 10, "reserved": [:]])
  }

  @Test func `promises no more than is free`() async throws {
    let accepted = try await stock().when("Reserve", ["order": "8", "amount": 6])
    #expect(accepted.events == [try CloudEvent("stock.reserved", Stock.Share(order: "8", amount: 6))])
    let refused = try await stock().when("Reserve", ["order": "8", "amount": 7])
    #expect(refused.refusal == "only 6 of 10 are free" && refused.events == [])
    #expect(try await stock().when("Receive", ["amount": 1]).events.map(\.type) == ["stock.received"])
    #expect(try await stock().when("Receive", ["amount": 0]).refusal == "a delivery has at least one piece")
    #expect(try await stock().when("Reserve", ["order": "8", "amount": 0]).refusal != nil)
  }

  @Test func `puts back what was put aside, and nothing else`() async throws {
    #expect(try await stock().when("Release", ["order": "7"]).events.map(\.type) == ["stock.released"])
    #expect(try await stock().when("Release", ["order": "9"]).refusal == "nothing is put aside for 9")
  }

  @Test func `a test says what a host would not take`() async throws {
    let (stock, mistake) = (try stock(), AggregateTest<Stock>.Mistake.self)
    await #expect(throws: mistake) { try await stock.when("Reserve", ["order": "8"]) }
    await #expect(throws: mistake) { try await stock.when("Sell", [:]) }
    await #expect(throws: mistake) { try await stock.given(CloudEvent(type: "stock.burnt")).state() }
    let huge = CloudEvent(type: "stock.received", data: ["amount": .number("\(Int.max)")])
    await #expect(throws: mistake) { try await stock.given(huge).state() }
    let broken = CloudEvent(type: "stock.received", data: ["amount": "many"])
    let error = await #expect(throws: mistake) { try await stock.given(broken).state() }
    #expect(
      error?.description
        == "the event 'stock.received' with the id '3' cannot be added: a whole number was expected for 'amount'"
    )
  }
}
