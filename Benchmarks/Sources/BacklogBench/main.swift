// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// How fast a backlog is delivered, and the host's memory meanwhile: the listener is held while events come, and let go when
// all are in the log.
//
//     BacklogBench [events]

let events = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000

let host = try BenchHost(
  rules: """
    listeners: { null: { concurrency: 1000 } }
    rules:
      all: { trigger: { type: order.created }, actions: [ { uses: null.do, timeout: 1h } ] }
    """
)
defer { host.end() }
let producer = try Producer(host.socket)
producer.send(0..<1000)
guard let listener = host.plugin("null") else { fatalError("the listener does not run") }
let log = try LogRows(host.log)
log.waitUntilDone(1000)
kill(listener, SIGSTOP)
let intake = seconds { producer.send(1000..<events + 1000) }
let before = ProcessFigures(host.process).memory
var most = before
kill(listener, SIGCONT)
let drain = seconds {
  log.waitUntilDone(events + 1000) { most = max(most, ProcessFigures(host.process).memory) }
}
print(
  "\(events) events: stored \(Int(Double(events) / intake))/s, delivered \(Int(Double(events) / drain))/s"
)
print("memory with the backlog \(before >> 20) MiB, at most while it is delivered \(most >> 20) MiB")
