// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Processes
import Testing

/// The example in which rules play together that know only events, with the shop that the examples use.
@Suite struct ChoreographyTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardized

  /// The shop's books, and one fault that passes.
  private static let listeners = """
    listeners:
      shop: { with: { books: "ROOT/books", faults: { ship: { message: no courier is free, times: 2 } } } }
    """

  /// A listener that is added later.
  private static let loyalty = """
    rules:
      loyalty:
        trigger: { type: PaymentProcessed }
        actions:
          uses: shop.count
          with: { order: "${{ event.subject }}", what: points, amount: "${{ event.data.total }}" }
    """

  private func deeds(_ bench: HostBench, _ name: String) throws -> [JSONValue] {
    let folder = bench.work + "/books/" + name
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return try names.compactMap { FileManager.default.contents(atPath: folder + "/" + $0) }
      .map { try JSONValue(json: Array($0)) }
  }

  private func files(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      files[name] = FileManager.default.contents(atPath: folder + "/" + name)
    }
    return files
  }

  private func order(_ number: Int, _ bench: HostBench) async throws {
    let data = #""data":{"total":\#(number),"address":"1 Main Street"}"#
    try await bench.emit(#"{"type":"OrderCreated","subject":"order/\#(number)",\#(data)}"#)
  }

  /// Waits until so many parcels are on their way and nothing is open.
  private func wait(for parcels: Int, _ bench: HostBench) async throws {
    try await bench.follow("ShipmentDispatched") { $0.count == parcels }
    try await CrashLoad.waitUntilNothingIsOpen(bench)
  }

  @Test
  func
    `takes an order from its creation to its dispatch, and a new listener takes part by a file of its own`()
    async throws
  {
    let bench = try HostBench(rules: Self.listeners)
    defer { bench.remove() }
    let example = Self.root.appending(path: "Rules/orders-choreography.yaml").path
    try FileManager.default.copyItem(atPath: example, toPath: bench.rules + "/orders-choreography.yaml")
    let host = try await HostProcess.start(in: bench)
    for number in 1...3 { try await order(number, bench) }
    try await wait(for: 3, bench)
    for (deed, count) in [("charge", 3), ("ship", 3), ("mail", 6), ("count", 9)] {
      #expect(try deeds(bench, deed).count == count, "\(deed)")
    }
    let paid = try deeds(bench, "charge").compactMap { $0["order"]?.string }.sorted()
    #expect(paid == ["order/1", "order/2", "order/3"])

    let before = try files(bench.rules)
    try Self.loyalty.write(toFile: bench.rules + "/loyalty.yaml", atomically: true, encoding: .utf8)
    host.process.signal(SIGHUP)
    try await bench.follow("earshot.rules.loaded") { $0.count == 2 }
    try await order(4, bench)
    try await wait(for: 4, bench)
    #expect(
      try deeds(bench, "count").count { $0["what"]?.string == "points" && $0["amount"] == .number("4.0") }
        == 1
    )
    #expect(try files(bench.rules).filter { $0.key != "loyalty.yaml" } == before)
    #expect(await host.end(SIGTERM) == .exited(0))
  }
}
