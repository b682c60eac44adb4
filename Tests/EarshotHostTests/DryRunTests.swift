// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import DurableLog
import EventModel
import EventSources
import PluginWire
import Rules
import Testing

@testable import EarshotHost

/// All ways through a rule, without any effect.
@Suite struct DryRunTests {
  private static let rules = """
    rules:
      order:
        trigger: { type: order }
        actions:
          - id: pick
            uses: shop.act
            compensate: { uses: shop.act, with: { box: "${{ steps.pick.output.box }}" } }
          - { id: pay, call: payment, with: { sum: 1 } }
          - { id: ship, uses: shop.act }
        tests:
          - name: goes through
            given: [ { type: order, data: { n: 1 } } ]
            outputs: { pick: { box: 7 } }
            expect: [ { action: pick }, { action: payment.charge }, { action: ship } ]
      payment:
        actions:
          - { id: charge, uses: shop.act, compensate: { uses: shop.act } }
      picky:
        trigger: { type: picky }
        condition: event.data.n == 1
        actions: { uses: shop.act }
      any:
        trigger: { source: elsewhere }
        actions: { uses: shop.act }
    """

  private func trial(_ rule: String, event: JSONValue? = nil) throws -> DryRun {
    let file = RuleFile(name: "r.yaml", bytes: Array(Self.rules.utf8))
    let (set, bag) = RuleLoader.load([file], actions: OneAction(), sources: NoKinds())
    let rules = try #require(set, "\(bag.diagnostics.map(\.message))")
    let found = try #require(rules.rules.first { $0.id == rule })
    return DryRun(of: found, in: rules, event: event, outputs: [:], environment: [:])
  }

  private static func short(_ walk: DryRun.Walk) -> String {
    let end = walk.end.map { "\($0)" } ?? "nothing"
    return "\(walk.failing.joined(separator: "+")): \(walk.steps.joined(separator: " ")) → \(end)"
  }

  @Test func `shows what is done, and what is taken back when each step fails`() async throws {
    let walks = try await trial("order").walks()
    #expect(
      walks.map(Self.short) == [
        ": pick payment.charge ship → done", "pick: pick → dead",
        "payment.charge: pick payment.charge pick.compensate → compensated",
        "ship: pick payment.charge ship payment.charge.compensate pick.compensate → compensated",
        "payment.charge+pick.compensate: pick payment.charge pick.compensate → stuck",
        "ship+payment.charge.compensate: pick payment.charge ship payment.charge.compensate → stuck",
      ]
    )
    #expect(walks.flatMap(\.problems) == [], "what the rule's test says that steps yield is known")
  }

  @Test func `shows one way when it is said what fails`() async throws {
    let walk = try await trial("order").walk(failing: ["ship": "no courier"])
    #expect(walk.failing == ["ship"] && walk.end == .compensated)
  }

  @Test func `says that a rule does not react, or that its event is not known`() async throws {
    let walks = try await trial("picky").walks()
    #expect(walks.map(\.end) == [nil])
    let event: JSONValue = ["type": "picky", "data": ["n": 1]]
    #expect(try await trial("picky", event: event).walk(failing: [:]).end == .done)
    #expect(try trial("any").hasEvent == false)
    #expect(try trial("picky").hasEvent)
  }
}

struct OneAction: ActionCatalog {
  var pluginNames: [String] { ["shop"] }

  func plugin(named name: String) -> PluginDescription? {
    let act = ActionDescription(name: "act", summary: "", parameters: .any, effects: .idempotent)
    return name == "shop" ? PluginDescription(name: "shop", version: "1", actions: [act]) : nil
  }
}

struct NoKinds: SourceCatalog {
  var kinds: [String] { [] }
  func options(of kind: String) -> ParameterSchema? { nil }
  func problems(of kind: String, options: JSONValue) -> [OptionProblem] { [] }
}
