// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A host that runs for the length of one measurement, in a folder of its own.
public final class BenchHost {
  /// The folder for everything.
  public let root: String
  /// The host's process.
  public private(set) var process: pid_t
  private let command: [String]

  /// Starts the program named by `EARSHOT` on rules and returns once it is ready; `ROOT` in the rules is `root`/work.
  public init(rules: String) throws {
    let program = ProcessInfo.processInfo.environment["EARSHOT"] ?? "../.build/release/earshot"
    root = NSTemporaryDirectory() + "earshot-bench-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    for folder in ["Rules", "work"] {
      try FileManager.default.createDirectory(
        atPath: root + "/" + folder,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    }
    try rules.replacingOccurrences(of: "ROOT", with: root + "/work").write(
      toFile: root + "/Rules/rules.yaml",
      atomically: true,
      encoding: .utf8
    )
    command = [program, "run", root + "/Rules", "--state", root + "/state"]
    process = try Self.start(command)
  }

  /// The socket for events.
  public var socket: String { root + "/state/events.sock" }

  /// The database of the log.
  public var log: String { root + "/state/earshot.db" }

  /// Starts a program and returns once it prints a line that begins with `ready`.
  public static func start(_ words: [String]) throws -> pid_t {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    var child: pid_t = 0
    let arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    guard posix_spawn(&child, words[0], &actions, nil, arguments, environ) == 0 else {
      throw POSIXError(.ENOENT)
    }
    close(ends[1])
    var byte: UInt8 = 0
    var line: [UInt8] = []
    while read(ends[0], &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
    guard String(decoding: line, as: UTF8.self).hasPrefix("ready") else { throw POSIXError(.ECHILD) }
    return child
  }

  /// The process of a plugin; nil when it does not run.
  public func plugin(_ name: String) -> pid_t? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.first { number in
      guard let status = try? String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8),
        status.contains("PPid:\t\(process)\n"),
        let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline")
      else { return false }
      return String(decoding: line, as: UTF8.self).contains("earshot-listener-" + name)
    }
  }

  /// Starts another host on what the stopped one has left; returns once it is ready.
  public func startAgain() throws { process = try Self.start(command) }

  /// Ends the host and leaves its folder.
  public func stop() {
    kill(process, SIGTERM)
    var status: Int32 = 0
    waitpid(process, &status, 0)
  }

  /// Ends the host and removes its folder.
  public func end() {
    stop()
    try? FileManager.default.removeItem(atPath: root)
  }
}

/// What the kernel says of a process.
public struct ProcessFigures: Sendable {
  /// Its resident memory in bytes.
  public var memory: Int64 = 0
  /// How often its threads have waited and been woken.
  public var wakeups: Int64 = 0
  /// The seconds of processor time that it has taken.
  public var processorTime: Double = 0

  /// Reads the figures of a process and all its threads.
  public init(_ process: pid_t) {
    memory = Self.number("VmRSS", in: "/proc/\(process)/status") * 1024
    for thread in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? [] {
      wakeups += Self.number("voluntary_ctxt_switches", in: "/proc/\(process)/task/\(thread)/status")
    }
    // See proc(5): the program's name stands in parentheses, and the user's and the system's ticks are the 12th and 13th
    // field after it.
    let line = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    let fields = line.split(separator: ")").last?.split(separator: " ").map { Double($0) ?? 0 } ?? []
    if fields.count > 12 { processorTime = (fields[11] + fields[12]) / Double(sysconf(Int32(_SC_CLK_TCK))) }
  }

  private static func number(_ name: String, in path: String) -> Int64 {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return 0 }
    for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
      return Int64(line.dropFirst(name.count + 1).filter(\.isNumber)) ?? 0
    }
    return 0
  }
}

/// Seconds that `body` takes.
public func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let (seconds, attoseconds) = try clock.measure(body).components
  return Double(seconds) + Double(attoseconds) / 1e18
}

/// The value that a share of all values does not exceed.
public func quantile(_ share: Double, of values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}
