// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// What a process takes of the system, as `/proc` tells it.
public struct ProcessFigures: Sendable, Hashable {
  /// What is missing in `/proc`.
  public struct Missing: Error { let path: String }

  /// The memory that is in use, in KiB.
  public let residentKilobytes: Int
  /// How many descriptors are open.
  public let descriptors: Int
  /// The processor time used so far, in seconds.
  public let processorSeconds: Double

  /// Reads the figures of a process.
  public init(of process: Int32 = getpid()) throws {
    let folder = "/proc/\(process)"
    residentKilobytes = try Self.resident(folder + "/smaps_rollup")
    descriptors = try FileManager.default.contentsOfDirectory(atPath: folder + "/fd").count
    processorSeconds = try Self.processorSeconds(folder + "/stat")
  }

  /// What `/proc/<process>/status` is only near to.
  private static func resident(_ path: String) throws -> Int {
    let line = try text(path).split(separator: "\n").first { $0.hasPrefix("Rss:") }
    guard let number = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Missing(path: path)
    }
    return number
  }

  private static func processorSeconds(_ path: String) throws -> Double {
    // The name, in parentheses, may contain anything; the state is the first of the fields after it.
    let fields = try text(path).split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      throw Missing(path: path)
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private static func text(_ path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else { throw Missing(path: path) }
    return String(decoding: data, as: UTF8.self)
  }
}
