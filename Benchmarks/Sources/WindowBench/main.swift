// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// What open windows cost: events a second that no rule looks at, that open a debounce each, and that find one of ten open;
// the host's memory; and the seconds until a host that was killed is ready again.
//
//     WindowBench [keys]

let keys = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 100_000

/// A rule that debounces the events by a key.
func rules(by key: String) -> String {
  """
  rules:
    quiet:
      trigger: { type: order.created }
      debounce: { quiet: 1h, by: "\(key)" }
      actions: { emit: { type: order.quiet } }
  """
}

print("\(keys) events of 300 bytes")
let cases = [
  ("no rule", "rules: {}"), ("a window each", rules(by: "event.id")),
  ("ten windows", rules(by: "event.id.substring(size(event.id) - 1)")),
]
for (name, rules) in cases {
  let host = try BenchHost(rules: rules)
  defer { host.end() }
  let producer = try Producer(host.socket)
  let time = seconds { producer.send(0..<keys, window: 1000) }
  let memory = ProcessFigures(host.process).memory >> 20
  kill(host.process, SIGKILL)
  var status: Int32 = 0
  waitpid(host.process, &status, 0)
  let restart = try seconds { try host.startAgain() }
  let rate =
    "\(Int(Double(keys) / time))/s, \(memory) MiB, ready again after \(String(format: "%.2f", restart)) s"
  print("\(name.padding(toLength: 14, withPad: " ", startingAt: 0)) \(rate)")
}
