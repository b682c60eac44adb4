// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Foundation

// How many evaluations a second of processor time one core makes, of expressions as rules have them.
//
//     ExpressionBench EVENTS [EXPRESSION…]
//
// EVENTS holds one event a line, as JSON. "scanned" is the evaluation alone, on events that have been scanned; "from
// bytes" begins with the text of each event. Both are medians of five passes.

let standard = [
  "event.data.state == 'failed'",
  "event.data.load > 50.0 && event.data.state != 'ok'",
  """
  event.type.startsWith('com.acme.') && event.data.load >= 25.0 && (event.data.state in ['failed', 'degraded'] \
  || event.data.count > 90.0) && size(event.data.tags) > 0
  """,
  "event.data.disks.exists(d, d.mount == '/' && d.used > 90.0)",
  """
  timestamp(event.time) > timestamp('2026-06-01T00:00:00Z') \
  && timestamp(event.time).getHours('Europe/Berlin') < 8
  """,
  "event.subject.matches('^/tenants/0[0-9]+/dev[0-9]+/')",
  "'disk ' + event.subject + ' at ' + string(event.data.load) + '%'",
]

let given = Array(CommandLine.arguments.dropFirst(2))
let expressions = given.isEmpty ? standard : given

guard CommandLine.arguments.count >= 2 else {
  print("usage: ExpressionBench EVENTS [EXPRESSION…]")
  exit(64)
}

func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The median rate of five passes.
func rate(_ count: Int, _ pass: () throws -> Void) rethrows -> Int {
  var rates: [Double] = []
  for _ in 0..<5 {
    let begun = processorSeconds()
    try pass()
    rates.append(Double(count) / (processorSeconds() - begun))
  }
  return Int(rates.sorted()[2])
}

let lines = try [UInt8](Data(contentsOf: URL(filePath: CommandLine.arguments[1])))
  .split(separator: UInt8(ascii: "\n")).map(Array.init)
let scopes = try lines.map { Scope(event: JSONContent(try JSONDocument($0))) }

print("scanned/s\tfrom bytes/s\ttrue\texpression  (\(lines.count) events)")
for text in expressions {
  let expression = try Expression(text, in: .condition)
  let isCondition = expression.type == .bool
  var holds = 0
  let scanned = rate(scopes.count) {
    holds = 0
    for scope in scopes {
      if isCondition {
        if (try? expression.holds(in: scope)) == true { holds += 1 }
      } else if (try? expression.text(in: scope)) != nil {
        holds += 1
      }
    }
  }
  var tape = JSONTape()
  let whole = try rate(lines.count) {
    for line in lines {
      try tape.scan(line.span)
      let scope = Scope(event: JSONContent(line, tape))
      if isCondition {
        _ = try? expression.holds(in: scope)
      } else {
        _ = try? expression.text(in: scope)
      }
    }
  }
  print("\(scanned)\t\(whole)\t\(holds)\t\(text)")
}
