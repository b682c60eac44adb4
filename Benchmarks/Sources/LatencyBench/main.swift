// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// How long an event takes from the moment before it is written to the socket until its listener has read it: at a few
// events a second, and under half of the load that the host can bear, which is measured in between.
//
//     LatencyBench [seconds]

let length = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5

let host = try BenchHost(
  rules: """
    listeners: { null: { concurrency: 1000, with: { times: "ROOT/times" } } }
    rules:
      all: { trigger: { type: order.created }, actions: [ { uses: null.do } ] }
    """
)
defer { host.end() }
let path = host.root + "/work/times"
let producer = try Producer(host.socket)
producer.send(0..<1000)

/// The times that were noted since the last call, in milliseconds, once there are so many.
func take(_ count: Int) -> [Double] {
  while true {
    let bytes = FileManager.default.contents(atPath: path) ?? Data()
    if bytes.count >= count * 8 {
      truncate(path, 0)
      return bytes.withUnsafeBytes { $0.bindMemory(to: Int64.self).map { Double($0) / 1e6 } }
    }
    usleep(5000)
  }
}

@MainActor func measure(_ rate: Int) {
  producer.send(count: rate * length, perSecond: rate)
  let times = take(rate * length)
  let columns = [0.5, 0.99, 0.999].map { String(format: "%.2f", quantile($0, of: times)) }
  print("\(rate)/s: p50, p99, p99.9 \(columns.joined(separator: ", ")) ms")
}

measure(200)
let probe = 50_000
let most = Int(Double(probe) / seconds { producer.send(1000..<1000 + probe) })
measure(most / 2)
