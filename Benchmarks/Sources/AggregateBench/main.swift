// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// How many events a second are stored that belong to the stream of one thing, beside events that belong to none and a bare
// insert of the same rows; and how many a second are folded into the thing's state when it is asked for the first time.
//
//     AggregateBench [events] [repetitions]

let events = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 100_000
let repetitions = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5

let rules = """
  aggregates:
    total:
      key: "'all'"
      initial: { count: 0, total: 0 }
      evolve:
        order.created: { count: state.count + 1.0, total: state.total + event.data.total }
  """

/// Asks a host, over the command line, for the state of the one thing; gives how many events it has seen.
func version(_ host: BenchHost) throws -> Int {
  let program = Process()
  let pipe = Pipe()
  program.executableURL = URL(filePath: ProcessInfo.processInfo.environment["EARSHOT"] ?? "earshot")
  program.arguments = ["aggregate", "show", "total/all", "--state", host.root + "/state", "--json"]
  program.standardOutput = pipe
  try program.run()
  let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
  program.waitUntilExit()
  let answer = try JSONSerialization.jsonObject(with: output) as? [String: Any]
  return answer?["version"] as? Int ?? 0
}

/// Events a second that a host with these rules stores, and what it has written.
func stored(_ rules: String, _ body: (BenchHost, Double) throws -> Void) throws {
  let host = try BenchHost(rules: rules)
  defer { host.end() }
  let producer = try Producer(host.socket)
  producer.send(0..<500)
  let time = seconds { producer.send(500..<events + 500) }
  try body(host, Double(events) / time)
}

var rates: [(strung: Double, plain: Double, bare: Double, folded: Double)] = []
for _ in 0..<repetitions {
  var rate = (strung: 0.0, plain: 0.0, bare: 0.0, folded: 0.0)
  try stored("rules: {}") { rate.plain = $1 }
  try stored(rules) { host, strung in
    rate.strung = strung
    var seen = 0
    let first = try seconds { seen = try version(host) }
    precondition(seen == events + 500, "\(seen) events were folded")
    // What a process and an answer cost is taken off: nothing is folded when the state is asked for again.
    let again = try seconds { _ = try version(host) }
    rate.folded = Double(seen) / max(0.001, first - again)
    let log = try LogRows(host.log)
    let rows = try log.read()
    let bare = try BareInsert(schemaOf: host.log)
    rate.bare = Double(rows.events.count) / (try bare.seconds(rows, streams: log.streams(), batch: 1000))
  }
  rates.append(rate)
}
let median = { (rate: ((strung: Double, plain: Double, bare: Double, folded: Double)) -> Double) in
  quantile(0.5, of: rates.map(rate))
}
print(
  "stored/s in a stream  in none  bare insert  stream/bare  folded/s  (\(events) events, medians of \(repetitions))"
)
print(
  String(
    format: "%.0f\t%.0f\t%.0f\t%.2f\t%.0f",
    median { $0.strung },
    median { $0.plain },
    median { $0.bare },
    quantile(0.5, of: rates.map { $0.strung / $0.bare }),
    median { $0.folded }
  )
)
