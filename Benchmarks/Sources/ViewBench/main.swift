// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// How many events a second a new view is built from, beside a bare loop over SQLite that does the same writes to the same
// table; and how many a second a host takes at its socket whose view follows, beside one without a view.
//
//     ViewBench [events] [repetitions]

let events = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 300_000
let repetitions = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 3

struct Case {
  let name: String
  /// The view.
  let view: String
  /// What does the same to its table for an event.
  let sql: String
  let key: (Int) -> [UInt8]
}

let cases = [
  Case(
    name: "a row for each event",
    view: "{ key: event.id, columns: { total: real }, events: { order.created: { set: { total: event.data.total } } } }",
    sql: "INSERT INTO v (key, total) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET total = excluded.total",
    key: { Array("\($0)".utf8) }
  ),
  Case(
    name: "1000 rows that count and add",
    view: """
      { key: string(event.data.total), columns: { n: integer, sum: real }, events: { order.created: \
      { increment: { n: 1, sum: event.data.total } } } }
      """,
    sql: """
      INSERT INTO v (key, n, sum) VALUES (?1, 1, ?2) \
      ON CONFLICT (key) DO UPDATE SET n = n + 1, sum = sum + excluded.sum
      """,
    key: { Array("\($0 % 1000)".utf8) }
  ),
]

/// Seconds that a host takes for the events at its socket, and until its view has them if it has one.
func follow(_ rules: String, hasView: Bool) throws -> Double {
  let host = try BenchHost(rules: rules)
  defer { host.end() }
  let producer = try Producer(host.socket)
  producer.send(0..<500)
  let log = try LogRows(host.log)
  return try seconds {
    producer.send(500..<events + 500)
    if hasView { try FoldedView(host.root + "/state/views.sqlite", "v").waitUntil(log.lastPosition) }
  }
}

/// Seconds that a host takes to build a view from the events that it finds, and those of the bare loop.
func build(_ tried: Case) throws -> (built: Double, bare: Double) {
  let host = try BenchHost(rules: "rules: {}\n")
  defer { host.end() }
  try Producer(host.socket).send(0..<events)
  let last = try LogRows(host.log).lastPosition
  host.stop()
  try "views: { v: \(tried.view) }".write(
    toFile: host.root + "/Rules/rules.yaml",
    atomically: true,
    encoding: .utf8
  )
  try host.startAgain()
  // The view is begun just before the host is ready.
  let built = try seconds { try FoldedView(host.root + "/state/views.sqlite", "v").waitUntil(last) }
  let schema = try FoldedView(host.root + "/state/views.sqlite", "v").schema
  let bare = try BareFold.seconds(schema, tried.sql, count: events) { (tried.key($0), Double($0 % 1000)) }
  return (built, bare)
}

print("\(events) events of 300 bytes, medians of \(repetitions)")
for tried in cases {
  var pairs: [(built: Double, bare: Double)] = []
  for _ in 0..<repetitions { pairs.append(try build(tried)) }
  let (built, bare) = (quantile(0.5, of: pairs.map(\.built)), quantile(0.5, of: pairs.map(\.bare)))
  let ratio = quantile(0.5, of: pairs.map { $0.bare / $0.built })
  print(
    "\(tried.name): built \(Int(Double(events) / built))/s, bare \(Int(Double(events) / bare))/s, ratio "
      + String(format: "%.2f", ratio)
  )
}
var rates: [(with: Double, without: Double)] = []
for _ in 0..<repetitions {
  rates.append(
    (
      Double(events) / (try follow("views: { v: \(cases[1].view) }", hasView: true)),
      Double(events) / (try follow("rules: {}\n", hasView: false))
    )
  )
}
let (with, without) = (quantile(0.5, of: rates.map(\.with)), quantile(0.5, of: rates.map(\.without)))
let ratio = quantile(0.5, of: rates.map { $0.with / $0.without })
print("at the socket: followed \(Int(with))/s, without a view \(Int(without))/s, ratio \(String(format: "%.2f", ratio))")
