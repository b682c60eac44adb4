// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// How many events a second go from the socket through the log, the rules and a listener and back, beside the bare
// insert of the same rows into SQLite in batches of the same size, in one run.
//
//     PipelineBench [events] [repetitions] [window]
//
// The producer has so many events on their way at most.

let events = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 100_000
let repetitions = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5
let window = CommandLine.arguments.dropFirst(3).first.flatMap { Int($0) } ?? 1000

/// Rules of which one matches every event and the others look at the same fields in vain.
func rules(_ count: Int) -> String {
  var text = "listeners: { null: { concurrency: 1000 } }\nrules:\n"
  for number in 0..<count {
    let note = number == 0 ? "{ exists: true }" : "{ prefix: \"no\(number)\" }"
    text += "  r\(number): { trigger: { type: order.created, match: { data: { note: [ \(note) ] } } }, "
    text += "actions: [ { uses: null.do } ] }\n"
  }
  return text
}

print(
  "rules  events/s  bare insert/s  ratio  µs of the host's processor time an event  (\(events) events of 300 bytes, medians of \(repetitions))"
)
for count in [1, 100] {
  var pipeline: [Double] = []
  var bare: [Double] = []
  var work: [Double] = []
  for _ in 0..<repetitions {
    let host = try BenchHost(rules: rules(count))
    defer { host.end() }
    let producer = try Producer(host.socket)
    producer.send(0..<1000)
    let log = try LogRows(host.log)
    log.waitUntilDone(1000)
    let before = ProcessFigures(host.process).processorTime
    pipeline.append(
      Double(events)
        / seconds {
          producer.send(1000..<events + 1000, window: window)
          log.waitUntilDone(events + 1000)
        }
    )
    work.append((ProcessFigures(host.process).processorTime - before) / Double(events) * 1e6)
    let rows = try log.read()
    bare.append(Double(events) / (try BareInsert(schemaOf: host.log).seconds(rows, batch: 1000)))
  }
  let ratios = zip(pipeline, bare).map { $0 / $1 }
  let columns = [quantile(0.5, of: pipeline), quantile(0.5, of: bare)].map { String(Int($0)) }
  let figures = String(format: "%.2f\t%.1f", quantile(0.5, of: ratios), quantile(0.5, of: work))
  print("\(count)\t\(columns.joined(separator: "\t"))\t\(figures)")
}
