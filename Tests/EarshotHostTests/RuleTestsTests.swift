// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EarshotHost
import EventSources
import PluginWire
import Rules
import Testing

@Suite struct RuleTestsTests {
  private struct Plugins: ActionCatalog {
    var pluginNames: [String] { ["shop"] }
    func plugin(named name: String) -> PluginDescription? {
      let pick = ActionDescription(name: "pick", summary: "", parameters: .any, effects: .none)
      return name == "shop" ? PluginDescription(name: "shop", version: "1", actions: [pick]) : nil
    }
  }

  /// Runs the one test of a rule and gives its problems.
  private func problems(_ test: String) async throws -> [String] {
    let yaml = """
      rules:
        ship:
          enabled: false
          trigger: { type: order.paid }
          condition: event.data.total > 10
          actions:
            - { id: pick, uses: shop.pick, with: { item: "${{ event.data.item }}", home: "${{ env.HOME }}" } }
            - { id: tell, condition: steps.pick.output.box > 1, emit: { type: shipped, data: { box: "${{ steps.pick.output.box }}" } } }
          tests:
            - { name: t, env: { HOME: /h }, \(test) }
      """
    return try await problems(of: yaml)
  }

  /// Runs the first test of the only rule of a file and gives its problems.
  private func problems(of yaml: String) async throws -> [String] {
    let file = RuleFile(name: "r.yaml", bytes: Array(yaml.utf8))
    let (rules, bag) = RuleLoader.load([file], actions: Plugins(), sources: SourceKinds())
    let set = try #require(rules, "\(bag.sorted.map(\.message))")
    return await RuleTests.run(set.rules[0].tests[0], of: set.rules[0], in: set, environment: [:]).problems
  }

  @Test(arguments: [
    "given: { type: order.paid, data: { total: 5 } }, expect: []",
    "given: { type: order.other, data: { total: 50 } }, expect: []",
    "given: { type: order.paid, data: {} }, expect: [ { failure: no-such-field } ]",
    "given: { type: order.paid, data: {} }, expect: [ { failure: any } ]",
    "given: { type: order.paid, data: { total: 50, item: x } }, outputs: { pick: { box: 1 } }, expect: [ { action: pick, with: { item: x, home: '${{ env.HOME }}' } } ]",
    "given: { type: order.paid, data: { total: 50, item: x } }, outputs: { pick: { box: 7 } }, expect: [ { action: pick }, { emit: { data: { box: 7 } } } ]",
    "given: [ { type: order.paid, at: 5s, data: { total: 50, item: b } }, { type: order.paid, data: { total: 50, item: a } } ], outputs: { pick: { box: 0 } }, expect: [ { action: pick, with: { item: a } }, { action: pick, with: { item: b } } ]",
  ])
  func `passes when the rule does just what is expected`(test: String) async throws {
    #expect(try await problems(test) == [])
  }

  @Test func `tells where a parameter differs, what is missing and what is too much`() async throws {
    let given =
      "given: { type: order.paid, data: { total: 50, item: [1, 2] } }, outputs: { pick: { box: 7 } }"
    let differing = try await problems(
      given + ", expect: [ { action: pick, with: { item: [1, 3] } }, { action: tell } ]"
    )
    #expect(differing.last == "   item[1]: 2 instead of 3")
    let tooMuch = try await problems(given + ", expect: [ { action: pick } ]")
    #expect(tooMuch == [#"2. unexpected: the event {"type":"shipped","data":{"box":7}}"#])
    let missing = try await problems(
      "given: { type: order.paid, data: { total: 5 } }, expect: [ { action: pick } ]"
    )
    #expect(missing == ["1. expected the action 'pick', and nothing more happened"])
    let impossible = try await problems(
      "given: { type: order.paid, data: { total: 50 } }, expect: [ { action: pick } ]"
    )
    #expect(
      impossible[1] == "1. happened the step 'pick' could not be made: event.data.item: there is no 'item'"
    )
  }

  @Test(arguments: 0..<20)
  func `lets waits pass at once, and sees all that comes after them`(repetition: Int) async throws {
    let yaml = """
      rules:
        patient:
          trigger: { type: order }
          actions:
            - set: { total: "${{ event.data.total * 2.0 }}" }
            - wait: 1h
            - { id: pick, uses: shop.pick, with: { total: "${{ vars.total }}" } }
            - wait: { until: "${{ timestamp(event.time) + duration('7200s') }}" }
            - { id: stop, condition: vars.total > 10.0, fail: "${{ vars.total }} is too much" }
            - emit: { type: never }
          tests:
            - name: t
              given: { type: order, time: "2026-01-01T00:00:00Z", data: { total: 7 } }
              expect:
                - { action: pick, with: { total: 14 }, at: 1h }
                - { action: stop, with: { fail: 14 is too much }, at: 2h }
      """
    #expect(try await problems(of: yaml) == [])
  }

  @Test(arguments: [
    ("{ total: 50 }", "[ { action: pick, with: { size: l } }, { emit: { data: { way: large } } } ]"),
    (
      "{ total: 5, gift: true }",
      "[ { action: wrap }, { action: pick, with: { size: s } }, { emit: { data: { way: gift } } } ]"
    ),
    ("{ total: 5, gift: false }", "[ { action: refuse, with: { fail: small } } ]"),
  ])
  func `takes the first way on whose condition holds`(data: String, expected: String) async throws {
    let yaml = """
      rules:
        fork:
          trigger: { type: order }
          actions:
            - choose:
                - { condition: event.data.total > 10.0, actions: { set: { way: large, size: l } } }
                - condition: event.data.gift
                  actions: [ { id: wrap, uses: shop.pick }, { set: { way: gift, size: s } } ]
              else: { id: refuse, fail: small }
            - { id: pick, uses: shop.pick, with: { size: "${{ vars.size }}" } }
            - emit: { type: done, data: { way: "${{ vars.way }}" } }
          tests:
            - { name: t, given: { type: order, data: \(data) }, expect: \(expected) }
      """
    #expect(try await problems(of: yaml) == [])
  }

  @Test func `gives a rule the secrets that a test names, and no others`() async throws {
    let yaml = """
      rules:
        a:
          trigger: { type: x }
          actions: { id: pick, uses: shop.pick, with: { token: "${{ secret('TOKEN') }}" } }
          tests:
            - name: has it
              env: { EARSHOT_SECRET_TOKEN: abcd }
              given: { type: x }
              expect: [ { action: pick, with: { token: abcd } } ]
            - { name: has it not, given: { type: x }, expect: [] }
      """
    let file = RuleFile(name: "r.yaml", bytes: Array(yaml.utf8))
    let set = try #require(RuleLoader.load([file], actions: Plugins(), sources: SourceKinds()).rules)
    var problems: [[String]] = []
    for test in set.rules[0].tests {
      let host = ["EARSHOT_SECRET_TOKEN": "the host's own"]
      problems.append(await RuleTests.run(test, of: set.rules[0], in: set, environment: host).problems)
    }
    #expect(problems[0] == [])
    #expect(problems[1].first?.contains("secret('TOKEN'): there is no entry 'TOKEN'") == true)
  }

  @Test func `tells of an event that is not valid`() async throws {
    let problems = try await problems("given: { type: order.paid, time: yesterday }, expect: []")
    #expect(problems.count == 1 && problems[0].hasPrefix("the test cannot be run: "))
  }

  @Test func `writes results as JUnit does, with everything escaped`() async throws {
    let yaml = """
      rules:
        a:
          trigger: { type: x }
          actions: { emit: { type: y } }
          tests: [ { name: "<a> & \\"b\\"", given: { type: x }, expect: [] } ]
      """
    let file = RuleFile(name: "r.yaml", bytes: Array(yaml.utf8))
    let set = try #require(RuleLoader.load([file], actions: Plugins(), sources: SourceKinds()).rules)
    let result = await RuleTests.run(set.rules[0].tests[0], of: set.rules[0], in: set, environment: [:])
    let report = JUnitReport.text([result])
    #expect(report.contains(#"<testsuites tests="1" failures="1">"#))
    #expect(report.contains(#"name="&lt;a&gt; &amp; &quot;b&quot;" file="r.yaml" line="5""#))
    #expect(
      report.contains("<failure message=\"1. unexpected: the event {&quot;type&quot;:&quot;y&quot;}\">")
    )
  }
}
