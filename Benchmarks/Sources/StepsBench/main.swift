// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// How many steps a second are made of runs of three steps, which are remembered one by one, beside three rules of one step
// each for the same events, in one run.
//
//     StepsBench [events] [repetitions] [window]
//
// The producer has so many events on their way at most: with 300 no run waits for the listener, with 1000 most do.

let events = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 20_000
let repetitions = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 5
let window = CommandLine.arguments.dropFirst(3).first.flatMap { Int($0) } ?? 300

// Room for all that is under way of 300 events, so that none of it waits.
let listeners = "listeners: { null: { concurrency: 1024 } }\nrules:\n"
let trigger = "trigger: { type: order.created }"
let single = (0..<3).map { "  r\($0): { \(trigger), actions: { uses: null.do } }\n" }.joined()
let chain = "  chain: { \(trigger), actions: [ { uses: null.do }, { uses: null.do }, { uses: null.do } ] }\n"

/// The steps a second of a host with these rules, that makes so many runs of an event.
func rate(_ rules: String, runs: Int) throws -> Double {
  let host = try BenchHost(rules: listeners + rules)
  defer { host.end() }
  let producer = try Producer(host.socket)
  let log = try LogRows(host.log)
  producer.send(0..<500)
  log.waitUntilDone(500 * runs)
  let time = seconds {
    producer.send(500..<events + 500, window: window)
    log.waitUntilDone((events + 500) * runs)
  }
  return Double(3 * events) / time
}

var rates: [(chained: Double, single: Double)] = []
for _ in 0..<repetitions {
  rates.append((try rate(chain, runs: 1), try rate(single, runs: 3)))
}
let chained = quantile(0.5, of: rates.map(\.chained))
let alone = quantile(0.5, of: rates.map(\.single))
let ratio = quantile(0.5, of: rates.map { $0.chained / $0.single })
print("steps/s in runs of three  in three runs of one  ratio  (\(events) events, medians of \(repetitions))")
print(String(format: "%.0f\t%.0f\t%.2f", chained, alone, ratio))
