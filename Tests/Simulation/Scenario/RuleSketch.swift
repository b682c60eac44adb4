// SPDX-License-Identifier: Apache-2.0

/// A rule as a simulation makes it up: the parts of its text.
struct RuleSketch {
  let number: Int
  let trigger: String
  let gathers: Bool
  let mode: String
  var parts: [String]
  var steps: [String]

  var id: String { "r\(number)" }

  /// Whether each event that triggers it is a run, at once and whatever else there is.
  var isPlain: Bool { mode.isEmpty && parts.isEmpty && !gathers }

  /// The text of the rule; `tag` tells what revisions emit from each other.
  func text(_ tag: String) -> String {
    let actions = steps.enumerated().map { index, step in
      "      - "
        + step.replacing("TYPE", with: "d.\(id).\(tag).e\(index)").replacing("EMIT", with: "e\(index)")
    }
    let lines = ["  \(id):", "    trigger: \(trigger)", mode.isEmpty ? nil : "    \(mode)"].compactMap { $0 }
    return (lines + parts.map { "    " + $0 } + ["    actions:"] + actions).joined(separator: "\n")
  }
}

extension RuleSketch {
  /// Makes a rule up.
  init(_ number: Int, _ chance: Chance) {
    self.number = number
    let isLoop = number == 6
    let (trigger, gathers) = isLoop ? ("{ type: d.* }", false) : Self.trigger(number, chance)
    self.trigger = trigger
    self.gathers = gathers
    mode = isLoop ? "" : Self.mode(chance)
    parts = isLoop ? ["condition: event.data.k == 0"] : []
    steps = isLoop ? [Self.emit] : []
    if !isLoop { change(chance) }
  }

  private static let emit =
    #"{ id: EMIT, emit: { type: TYPE, data: { n: "${{ event.data.n }}", k: "${{ event.data.k }}" } } }"#

  /// Makes the parts up that may change while what waits goes on.
  mutating func change(_ chance: Chance) {
    guard number != 6 else { return }
    parts = []
    if chance.once(in: 5) { parts.append(Self.condition(chance)) }
    if chance.once(in: 6) {
      parts.append("dedupe: { by: event.data.k, within: \(chance.number(1...30))s }")
    }
    if chance.once(in: 3), let span = Self.span(gathers, chance) { parts.append(span) }
    if !chance.once(in: 3) {
      parts.append("on_uncertain: \(chance.one(of: ["ask", "retry", "dead_letter"]))")
    }
    steps = (0..<chance.number(1...4)).map { _ in
      switch chance.below(13) {
      case 0..<4: Self.emit
      case 4: chance.one(of: ["wait: 1s", "wait: 20s", "set: { x: 1 }", "fail: given up"])
      case 5: Self.fork(chance)
      case 6: Self.awaited(chance)
      // What plugins say would have a run with many of their attempts make many others.
      case 7 where !trigger.contains("type: p "): Self.branches(chance, depth: 0)
      default: Self.invocation(chance)
      }
    }
  }

  /// A step that waits for an event, which may have come already, and goes another way or fails if none comes.
  private static func awaited(_ chance: Chance) -> String {
    let key = chance.once(in: 3) ? "" : ", by: event.data.k"
    let event = "type: \(chance.one(of: ["a", "b", "c"]))\(key), within: \(chance.number(1...60))s"
    let otherwise = chance.once(in: 2) ? "" : ", else: [ \(invocation(chance)) ]"
    return "{ await: { \(event) }\(otherwise) }"
  }

  /// A step with branches, in which there may be more.
  private static func branches(_ chance: Chance, depth: Int) -> String {
    func block() -> String {
      let steps = (0..<chance.number(1...2)).map { _ in
        depth < 2 && chance.once(in: 5) ? branches(chance, depth: depth + 1) : part(chance)
      }
      return "[ \(steps.joined(separator: ", ")) ]"
    }
    let count = chance.number(1...3)
    var parts = [String]()
    if chance.once(in: 2) {
      parts.append("parallel: [ \((0..<count).map { _ in block() }.joined(separator: ", ")) ]")
    } else {
      let items = (0..<count).map { "\($0)" }.joined(separator: ", ")
      parts += ["for_each: [ \(items) ]", "concurrency: \(chance.number(1...3))", "actions: \(block())"]
    }
    if chance.once(in: 2) { parts.append("wait_for: \(chance.number(1...count))") }
    if chance.once(in: 8) { parts.append("continue_on_error: true") }
    return "{ \(parts.joined(separator: ", ")) }"
  }

  /// A step of a branch.
  private static func part(_ chance: Chance) -> String {
    switch chance.below(8) {
    case 0: awaited(chance)
    case 1: fork(chance)
    case 2: "{ \(chance.one(of: ["wait: 1s", "wait: 20s", "set: { x: 1 }", "fail: given up"])) }"
    default: invocation(chance)
    }
  }

  private static func fork(_ chance: Chance) -> String {
    "{ choose: [ { condition: event.data.n % 2 == 0, actions: [ \(invocation(chance)) ] } ], else: [ \(invocation(chance)) ] }"
  }

  private static func trigger(_ number: Int, _ chance: Chance) -> (String, gathers: Bool) {
    let (first, second) = (chance.one(of: ["a", "b", "c"]), chance.one(of: ["a", "b", "c"]))
    let rest = "within: \(chance.number(2...40))s" + (chance.once(in: 3) ? "" : ", by: event.data.k")
    return switch chance.below(16) {
    case 0: ("{ sequence: [ { type: \(first) }, { type: \(second) } ], \(rest) }", true)
    case 1: ("{ all: [ { type: \(first) }, { type: \(second) } ], \(rest) }", true)
    case 2: ("{ type: \(first), threshold: { count: \(chance.number(2...3)) }, \(rest) }", true)
    case 3: ("{ absent: { after: { type: \(first) }, expect: { type: \(second) } }, \(rest) }", true)
    case 4: ("[ { type: c }, { sequence: [ { type: a }, { type: b } ], \(rest) } ]", true)
    case 5 where number > 0: ("{ type: d.r\(chance.below(number)).* }", false)
    case 6: ("{ type: p }", false)
    // One rule only: two of them, whose runs die, would have twice as many at each hop.
    case 7 where number == 0: ("{ type: earshot.delivery.dead }", false)
    default: ("{ type: \(first) }", false)
    }
  }

  private static func mode(_ chance: Chance) -> String {
    let (limit, kind) = (chance.number(1...4), chance.below(9))
    let exceeded = chance.once(in: 3) ? ", max_exceeded: dead_letter" : ""
    let parts: String
    switch kind {
    case 0: parts = "mode: single" + exceeded
    case 1, 2: parts = "mode: restart"
    case 3: parts = "mode: queued"
    case 4: parts = "mode: queued, max: \(limit)" + exceeded
    case 5: parts = "mode: parallel, max: \(limit)" + exceeded
    default: return ""
    }
    return (parts + (chance.once(in: 2) ? ", mode_by: event.data.k" : "")).replacing(", ", with: "\n    ")
  }

  private static func condition(_ chance: Chance) -> String {
    let policy = chance.one(of: ["fail", "skip", "match"])
    return chance.one(of: [
      "condition: event.data.n % 2 == 0", "condition: event.data.k != 1",
      "condition: event.data.odd\n    on_error: \(policy)",
    ])
  }

  private static func span(_ gathers: Bool, _ chance: Chance) -> String? {
    let by = chance.once(in: 2) ? ", by: event.data.k" : ""
    let seconds = chance.number(1...30)
    let throttle = "throttle: { limit: \(chance.number(1...3)), per: \(seconds)s\(by)"
    let one = chance.below(4)
    if one == 0 { return throttle + " }" }
    if one == 1 { return throttle + ", excess: delay }" }
    guard !gathers else { return nil }
    if one == 2 { return "collect: { within: \(seconds)s, max: \(chance.number(2...6))\(by) }" }
    let deliver = chance.one(of: ["last", "first", "all"])
    return "debounce: { quiet: \(seconds)s, max: \(seconds * 4)s, deliver: \(deliver)\(by) }"
  }

  private static func invocation(_ chance: Chance) -> String {
    let action = chance.one(of: ["shop.pick", "shop.pick", "shop.ship", "depot.pick", "depot.ship"])
    let jitter = chance.one(of: ["0", "0.2"])
    let pause = chance.one(of: ["0s", "1ms", "100ms", "3s"])
    let retry = "retry: { attempts: \(chance.number(1...5)), initial: \(pause), max: 20s, jitter: \(jitter) }"
    var parts = ["uses: \(action)"]
    if !chance.once(in: 4) { parts.append(retry) }
    if chance.once(in: 8) { parts.append("continue_on_error: true") }
    if chance.once(in: 3) {
      parts.append(
        "compensate: { uses: \(chance.one(of: ["shop.pick", "depot.pick", "depot.ship"])), \(retry) }"
      )
    }
    return "{ \(parts.joined(separator: ", ")) }"
  }
}
