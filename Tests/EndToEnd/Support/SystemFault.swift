// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One call of a host to its system that fails.
struct SystemFault: CustomStringConvertible {
  /// With which error, or how.
  enum Manner: String, CaseIterable {
    case inputOutput = "EIO"
    case noSpace = "ENOSPC"
    case interrupted = "EINTR"
    case short
    case descriptors = "EMFILE"
    case memory = "ENOMEM"
  }

  let manner: Manner
  /// Which of the calls that can fail in this manner, from 1; 0 for none.
  let place: Int

  /// The manners in which calls fail: all, or the one that the environment names alone.
  static var manners: [Manner] {
    let wanted = ProcessInfo.processInfo.environment["EARSHOT_SYSTEM_FAULT"].flatMap(Manner.init(rawValue:))
    return wanted.map { [$0] } ?? Manner.allCases
  }

  /// The one that the environment asks for.
  static let wanted: SystemFault? = {
    let parts = ProcessInfo.processInfo.environment["EARSHOT_SYSTEM_FAULT"]?.split(separator: ":") ?? []
    guard parts.count == 2, let manner = Manner(rawValue: String(parts[0])), let place = Int(parts[1]) else {
      return nil
    }
    return SystemFault(manner: manner, place: place)
  }()

  var description: String { "call \(place) with \(manner.rawValue)" }

  /// What lets a program fail so, and write down at `report` what it counts.
  func variables(report: String) -> [String: String] {
    let library = URL(filePath: HostBench.executable).deletingLastPathComponent().appending(
      path: "libFailingCalls.so"
    )
    return [
      "LD_PRELOAD": library.path, "EARSHOT_FAIL_MANNER": manner.rawValue, "EARSHOT_FAIL_AT": "\(place)",
      "EARSHOT_FAIL_REPORT": report,
    ]
  }

  /// How many calls a program has counted, and the name of the one that failed, if any (`struct earshot_failing_calls`).
  static func report(_ path: String) throws -> (calls: Int, failed: String) {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let calls = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    return (calls, String(decoding: bytes.dropFirst(8).prefix { $0 != 0 }, as: UTF8.self))
  }
}
