// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// What a host costs that has nothing to do: memory, and how often one of its threads wakes up.
//
//     IdleBench [seconds]

let time = CommandLine.arguments.dropFirst().first.flatMap { Double($0) } ?? 20
let folder = NSTemporaryDirectory() + "earshot-idle-\(getpid())"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: folder) }
let host = try BenchHost(
  rules: """
    sources:
      in: { uses: files, with: { paths: ["\(folder)"] } }
      daily: { uses: timer, with: { cron: "0 3 * * *" } }
    rules:
      seen: { trigger: { type: file.* }, actions: [ { emit: { type: seen } } ] }
    """
)
// The runtimes end threads that they no longer need within some ten seconds.
Thread.sleep(forTimeInterval: 12)
let before = ProcessFigures(host.process)
Thread.sleep(forTimeInterval: time)
let after = ProcessFigures(host.process)
let wakeups = Double(after.wakeups - before.wakeups) / time
print(
  "memory \(after.memory >> 20) MiB, \(String(format: "%.2f", wakeups)) wakeups a second over \(Int(time)) s"
)
host.end()
