// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerTestKit
import Testing

@testable import ListenerShop

@Suite struct ShopTests {
  private let books = NSTemporaryDirectory() + "earshot-\(UUID().uuidString.prefix(8))"

  private func answer(
    _ action: String,
    _ with: JSONValue,
    faults: JSONValue = [:],
    attempt: Int = 1,
    key: String = "0123456789ab"
  ) async throws -> ListenerReply {
    let settings: JSONValue = ["books": .string(books), "faults": faults]
    return try await ListenerTest(Shop.self, settings: settings).run(action, with, attempt: attempt, key: key)
  }

  private func noted(_ deed: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(books)/\(deed)")) ?? []
    return names.sorted().compactMap {
      try? String(contentsOfFile: "\(books)/\(deed)/\($0)", encoding: .utf8)
    }
  }

  @Test func `is a listener like every other`() async {
    #expect(await ListenerConformance.problems(of: Shop.self) == [])
  }

  @Test func `does everything once for each key, and says what has come of it`() async throws {
    defer { try? FileManager.default.removeItem(atPath: books) }
    for attempt in 1...2 {
      let reply = try await answer("charge", ["order": "7", "amount": .number("12.5")], attempt: attempt)
      #expect(reply.output == ["payment": "payment-01234567"])
    }
    #expect(
      noted("charge") == [#"{"deed":"charge","order":"7","amount":12.5,"payment":"payment-01234567"}"# + "\n"]
    )
    _ = try await answer("charge", ["order": "7", "amount": 1], key: "../x")
    #expect(noted("charge").count == 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: books) == ["charge"])
  }

  @Test(
    arguments: [
      ("reserve", ["order": "7", "item": "tea"], "reservation"),
      ("release", ["order": "7", "reservation": "r"], nil),
      ("refund", ["order": "7", "payment": "p"], nil), ("ship", ["order": "7"], "shipment"),
      ("recall", ["order": "7", "shipment": "s"], nil), ("mail", ["order": "7", "text": "hello"], nil),
      ("count", ["order": "7", "what": "sales", "amount": 3], nil),
    ] as [(String, JSONValue, String?)]
  )
  func `knows what a shop does`(action: String, with: JSONValue, product: String?) async throws {
    defer { try? FileManager.default.removeItem(atPath: books) }
    let reply = try await answer(action, with)
    #expect(reply.isDone && noted(action).count == 1)
    #expect(reply.output == product.map { .object([.init($0, .string("\($0)-01234567"))]) })
  }

  @Test func `fails as it is told to, and notes nothing then`() async throws {
    defer { try? FileManager.default.removeItem(atPath: books) }
    let faults: JSONValue = [
      "ship": ["message": "no courier is free", "times": 2],
      "charge": ["message": "the card is declined", "for_good": true],
    ]
    for attempt in 1...2 {
      let reply = try await answer("ship", ["order": "7"], faults: faults, attempt: attempt)
      #expect(reply.retry == "no courier is free")
    }
    #expect(
      try await answer("charge", ["order": "7", "amount": 1], faults: faults).failure
        == "the card is declined"
    )
    #expect(noted("ship") == [] && noted("charge") == [])
    #expect(try await answer("ship", ["order": "7"], faults: faults, attempt: 3).isDone)
    #expect(noted("ship").count == 1)
  }

  @Test(arguments: [["x": 1], "no", ["message": "a", "tims": 2]] as [JSONValue])
  func `says what is wrong with a fault`(fault: JSONValue) async throws {
    let reply = try await answer("ship", ["order": "7"], faults: ["ship": fault])
    #expect(reply.failure?.contains("fault") == true)
  }
}
