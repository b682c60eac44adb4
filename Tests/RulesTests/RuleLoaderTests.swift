// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

import Testing

@testable import Rules

@Suite struct RuleLoaderTests {
  private static func load(_ texts: String...) -> (rules: RuleSet?, lines: [String]) {
    let files = texts.enumerated().map { RuleFile(name: "\($0).yaml", bytes: Array($1.utf8)) }
    let (rules, bag) = RuleLoader.load(files, actions: TestActions(), sources: TestSources())
    return (rules, bag.sorted.map { "\($0.location.source.name) \($0.code)" })
  }

  @Test func `reads what holds for the host, from one file only`() throws {
    let settings = "settings: { log: { keep: 30d, max_size: 2GiB } }"
    let (rules, lines) = Self.load(settings, "rules: {}")
    #expect(lines == [])
    #expect(rules?.settings.keep == .seconds(30 * 86_400) && rules?.settings.maxSize == 2 << 30)
    #expect(Self.load(settings, settings).lines == ["1.yaml rule-duplicate-id"])
    #expect(Self.load("settings: { log: { max_size: 1KB } }").lines == ["0.yaml rule-range"])
    #expect(Self.load("rules: {}").rules?.settings == HostSettings())
  }

  @Test func `reads how long events of some types are kept`() throws {
    let text = #"settings: { log: { types: { "file.*": 2d, order.paid: forever, "*": 1h } } }"#
    let settings = try #require(Self.load(text, "rules: {}").rules?.settings)
    #expect(settings.keep(ofType: "file.created") == .seconds(2 * 86_400))
    #expect(settings.keep(ofType: "order.paid") == nil && settings.keep(ofType: "x") == .seconds(3600))
    #expect(HostSettings().keep(ofType: "x") == nil)
    let wrong = [
      (#"{ "file*": 2d }"#, "rule-event-type"), ("{ a: 5 }", "rule-duration"), ("{ a: 0s }", "rule-range"),
      ("{ a: for ever }", "rule-duration"), ("[ a ]", "rule-type"),
    ]
    for (types, code) in wrong {
      #expect(Self.load("settings: { log: { types: \(types) } }").lines == ["0.yaml \(code)"])
    }
  }

  @Test(
    arguments: [
      ("1KB", 1000), ("1 kB", 1000), ("3KiB", 3072), ("500MB", 500_000_000), ("2GiB", 2 << 30),
      ("1TB", 1_000_000_000_000), ("12", nil), ("MB", nil), ("-1MB", nil), ("1.5GB", nil), ("1XB", nil),
      ("1KiBB", nil), ("9999999999999TB", nil), ("", nil),
    ] as [(String, Int?)]
  )
  func `reads sizes as people write them`(text: String, bytes: Int?) {
    #expect(SizeText.bytes(of: text) == bytes)
  }

  @Test func `reads a whole file`() throws {
    let (rules, lines) = Self.load(
      """
      sources:
        inbox: { uses: files, with: { paths: ["~/Inbox"] } }
      listeners:
        email: { instances: 2, concurrency: 4, idle_stop: 5m, with: { host: mail } }
      rules:
        file-invoices:
          description: File every invoice that arrives
          tags: [office]
          trigger:
            - { type: [file.created, "file.*"], source: inbox, match: { data: { name: [{ suffix: .pdf }] } } }
          actions:
            - id: move
              run: [mv, -n, "${{ event.data.path }}", 7]
              timeout: 30s
              retry: { attempts: 3, initial: 500ms, backoff: 1.5, max: 1h30m, jitter: 0 }
            - uses: email.send
              with: { to: [ada@example.org], subject: "moved ${{ steps.move.output }}" }
            - emit: { type: invoice.filed, subject: "${{ event.data.name }}" }
      """
    )
    #expect(lines == [])
    let set = try #require(rules)
    #expect(set.sources == [SourceDefinition(id: "inbox", kind: "files", options: ["paths": ["~/Inbox"]])])
    #expect(set.listeners.map(\.instances) == [2])
    #expect(set.listeners.map(\.settings) == [["host": "mail"]])
    let rule = try #require(set.rules.first)
    #expect(rule.id == "file-invoices" && rule.tags == ["office"] && rule.isEnabled)
    #expect(rule.triggers.map(\.sources) == [["inbox"]])
    #expect(rule.steps.map(\.id) == ["move", "step2", "step3"])
    #expect(rule.steps[0].timeout == .seconds(30))
    #expect(
      rule.steps[0].retry
        == RetryPolicy(
          attempts: 3,
          initial: .milliseconds(500),
          backoff: 1.5,
          maximum: .seconds(5400),
          jitter: 0
        )
    )
    guard case .invoke("command", "run", let with) = rule.steps[0].action else {
      Issue.record("the first step is no command")
      return
    }
    let event = JSONContent(try JSONDocument(Array(#"{"data":{"path":"/a b"}}"#.utf8)))
    #expect(try with.value(in: Scope(event: event)) == ["run": ["mv", "-n", "/a b", "7"]])
  }

  @Test(arguments: [
    ("wait: soon", "rule-duration"), ("wait: { until: tomorrow }", "rule-policy"),
    ("wait: { untl: 1 }", "rule-unknown-key"), ("wait: [1]", "rule-type"), ("set: {}", "rule-type"),
    ("choose: []", "rule-range"), ("choose: { condition: 'true' }", "rule-type"),
    ("fail: a, else: { fail: b }", "rule-step-action"),
    ("choose: [ { condition: 1 + 1, actions: { fail: a } } ]", "expression-type"),
    ("choose: [ { condition: 'true', actions: [] } ]", "rule-range"),
    ("choose: [ { condition: 'true', actions: { fail: a, id: step1 } } ]", "rule-duplicate-id"),
    ("wait: 1s, compensate: { fail: x }", "rule-combination rule-combination"),
    ("emit: { type: y }, compensate: { emit: { type: z }, id: c }", "rule-combination"),
    (
      "emit: { type: y }, compensate: { emit: { type: z }, compensate: { emit: { type: z } } }",
      "rule-combination"
    ),
    ("emit: { type: y }, compensate: [ { emit: { type: z } } ]", "rule-type"),
    ("set: { 1a: 2 }", "rule-id"), ("set: { a-b: 2 }", "rule-id"), ("fail: [a]", "rule-type"),
    ("fail: \"${{ vars.later }}\"", "expression-unknown-field"),
    ("fail: \"${{ run.name }}\"", "expression-unknown-field"),
    ("await: { within: 1m }", "rule-combination"), ("await: { type: y, key: 1 }", "rule-combination"),
    ("await: { approval: Really?, type: y }", "rule-combination"),
    ("await: { type: y, within: soon }", "rule-duration"), ("await: { type: y, within: 0s }", "rule-range"),
    ("await: { type: y, by: event.nothing.more, condition: trigger.id }", "expression-type"),
    ("await: { type: y, condition: \"event.id == steps.later.output\" }", "expression-unknown-field"),
    ("await: { type: y }, compensate: { emit: { type: z } }", "rule-combination"),
  ])
  func `says what is wrong with a step that the host makes itself`(step: String, code: String) {
    let rule = "rules: { a: { trigger: { type: x }, actions: [ { \(step) }, { set: { later: 1 } } ] } }"
    let lines = Self.load(rule).lines.filter { $0 != "0.yaml rule-missing-key" }
    #expect(lines == code.split(separator: " ").map { "0.yaml \($0)" })
  }

  @Test func `makes one list of steps that stand in steps, and says which comes next`() throws {
    let (rules, lines) = Self.load(
      """
      rules:
        a:
          trigger: { type: x }
          actions:
            - { id: first, set: { a: 1 } }
            - id: fork
              choose:
                - condition: vars.a > 0.5
                  actions: [ { id: left, set: { b: 1 } }, { id: left2, emit: { type: "${{ string(vars.b) }}" } } ]
                - { condition: "true", actions: { id: right, choose: [ { condition: "false", actions: { id: deep, fail: x } } ] } }
              else: { id: other, fail: y }
            - { id: last, emit: { type: z, data: "${{ vars.?b }}" } }
      """
    )
    #expect(lines == [])
    let steps = try #require(rules?.rules.first).steps
    #expect(steps.map(\.id) == ["first", "fork", "left", "left2", "right", "deep", "other", "last"])
    #expect(steps.map(\.following) == [1, 7, 3, 7, 7, 7, 7, nil])
    guard case .choose(let choices) = steps[1].action else {
      Issue.record("no choice")
      return
    }
    #expect(
      choices.map(\.first) == [2, 4, 6] && choices.map { $0.condition == nil } == [false, false, true]
    )
  }

  @Test func `takes rules from many files and refuses an id in two of them`() {
    let rule = "rules: { a: { trigger: { type: x }, actions: { emit: { type: y } } } }"
    let other = "rules: { b: { trigger: { type: x }, actions: { emit: { type: y } } } }"
    #expect(Self.load(rule, other).rules?.rules.map(\.id) == ["a", "b"])
    #expect(Self.load(rule, rule).lines == ["1.yaml rule-duplicate-id"])
  }

  @Test func `reports the mistakes of all files in one pass`() {
    let (rules, lines) = Self.load("rulez: {}\nrules: { a: {} }", "sources: { s: { uses: tmier } }", "a: [")
    #expect(rules == nil)
    #expect(
      lines == [
        "0.yaml rule-unknown-key", "0.yaml rule-missing-key", "0.yaml rule-missing-key",
        "1.yaml rule-unknown-kind", "2.yaml yaml-syntax",
      ]
    )
  }

  @Test func `gives equal content an equal revision and other content another`() {
    let one = Self.load("rules: {}").rules?.revision
    #expect(one?.count == 16)
    #expect(one == Self.load("rules: {}").rules?.revision)
    #expect(one != Self.load("rules: { }").rules?.revision)
  }

  @Test func `describes to editors what it reads itself`() throws {
    let rule = RuleLoader.schema["properties"]?["rules"]?["additionalProperties"]
    #expect(rule?["required"] == ["actions"])
    #expect(rule?["additionalProperties"] == false)
    #expect(rule?["properties"]?["enabled"]?["type"] == "boolean")
    #expect(rule?["properties"]?["priority"] == nil)
  }

  @Test func `takes an empty file for no rules`() {
    #expect(Self.load("", "# nothing yet\n").rules?.rules.isEmpty == true)
  }

  @Test(arguments: [("order.*", "order.created", true), ("order.*", "orders", false), ("*", "x", true)])
  func `matches types by their beginning`(pattern: String, type: String, matches: Bool) {
    #expect(TypePattern(pattern)?.matches(type) == matches)
  }
}
