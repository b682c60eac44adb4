// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// How long it takes from the writing of a file to the start of a command, beside a bare inotify and posix_spawn
// program, in one run. The command writes the time at which it started into a pipe in the file system.
//
//     FileBench STAMP BARE-WATCHER [files] [folders]

let arguments = CommandLine.arguments
guard arguments.count > 2 else {
  print("usage: FileBench STAMP BARE-WATCHER [files] [folders]")
  exit(64)
}
let stamp = URL(filePath: arguments[1]).path
let bareWatcher = URL(filePath: arguments[2]).path
let files = arguments.count > 3 ? Int(arguments[3]) ?? 200 : 200
let folders = arguments.count > 4 ? Int(arguments[4]) ?? 100 : 100

/// Milliseconds from the writing of each file to the start of its command; `start` begins to watch the folders.
func latencies(_ start: (_ folders: [String], _ fifo: String) throws -> () -> Void) throws -> [Double] {
  let root = NSTemporaryDirectory() + "earshot-files-\(getpid())-\(UInt32.random(in: 0 ... .max))"
  defer { try? FileManager.default.removeItem(atPath: root) }
  let all = (0..<folders).map { root + "/in/\($0)" }
  for folder in all {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }
  let fifo = root + "/started"
  guard mkfifo(fifo, 0o600) == 0 else { throw POSIXError(.EIO) }
  let descriptor = open(fifo, O_RDWR)
  defer { close(descriptor) }
  let stop = try start(all, fifo)
  defer { stop() }
  return try (0..<files).map { number in
    let path = all[number % folders] + "/f\(number)"
    let begun = nanoseconds()
    try Data("x".utf8).write(to: URL(filePath: path))
    var started: UInt64 = 0
    guard read(descriptor, &started, 8) == 8 else { throw POSIXError(.EIO) }
    return Double(started - begun) / 1e6
  }
}

func nanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

func show(_ name: String, _ values: [Double]) {
  let figures = [0.5, 0.99].map { String(format: "%.2f", quantile($0, of: values)) }
  print("\(name)\tp50 \(figures[0]) ms\tp99 \(figures[1]) ms")
}

let bare = try latencies { folders, fifo in
  setenv("STAMP_TO", fifo, 1)
  let child = try BenchHost.start([bareWatcher, stamp] + folders)
  return { kill(child, SIGKILL) }
}
let own = try latencies { folders, fifo in
  let root = (folders[0] as NSString).deletingLastPathComponent
  let host = try BenchHost(
    rules: """
      sources: { in: { uses: files, with: { paths: ["\(root)"] } } }
      rules:
        start:
          trigger: { type: [file.created, file.modified], source: in }
          actions: [ { run: ["\(stamp)", "${{ event.data.path }}", "\(fifo)"] } ]
      """
  )
  return { host.end() }
}
show("bare", bare)
show("earshot", own)
print("ratio of p50: \(String(format: "%.2f", quantile(0.5, of: own) / quantile(0.5, of: bare)))")
