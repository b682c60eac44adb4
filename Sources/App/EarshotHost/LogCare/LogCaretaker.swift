// SPDX-License-Identifier: Apache-2.0

import DurableLog
public import EventModel
import Foundation
import SQLiteLog

/// Has things done with a log: by the host that runs, or in the log itself when none does.
public struct LogCaretaker: Sendable {
  private let ask: @Sendable (String, [(String, String)], [UInt8]) async throws -> JSONValue

  /// Has something done (`LogCare` says what there is), and gives the answer.
  ///
  /// - Throws: `HostFailure`.
  public func callAsFunction(
    _ wish: String,
    _ query: [(String, String)] = [],
    body: [UInt8] = []
  ) async throws -> JSONValue {
    try await ask(wish, query, body)
  }

  /// Calls `body` with a caretaker of the log of a state directory.
  ///
  /// While it runs without a host, no host can start. With `makesLog`, the log is made if it is not there.
  ///
  /// - Throws: `HostFailure`, or what `body` throws.
  public static func caring<Value>(
    paths: StatePaths,
    makesLog: Bool = false,
    _ body: (LogCaretaker) async throws -> Value
  ) async throws -> Value {
    let client = HostClient(paths: paths)
    if client.isHostRunning {
      return try await body(
        LogCaretaker { wish, query, bytes in
          try await client.post(["log", wish], query, body: bytes, type: "application/x-ndjson")
        }
      )
    }
    guard makesLog || FileManager.default.fileExists(atPath: paths.log) else {
      throw HostFailure("no host is running, and there is no log at \(paths.log)", status: 66)
    }
    let clock = SystemClock()
    // A failure is told to whoever asked for what failed.
    let log = try LogFolder.open(paths, clock: clock) { _ in }
    log.start(router: NoRules(), observer: NoRules())
    let care = LogCare(log, clock: clock, hasRules: false)
    let caretaker = LogCaretaker { wish, query, bytes in
      do {
        guard let answer = try await care.answer(wish, Dictionary(query) { $1 }, body: bytes) else {
          throw HostFailure("there is no '\(wish)' for a log", status: 64)
        }
        return answer
      } catch let refusal as LogQueries.Refusal {
        throw HostFailure(refusal.description, status: 64)
      } catch let failure as LogFailure {
        throw HostFailure("\(failure)", status: failure.code == .full ? 69 : 74)
      }
    }
    let result: Result<Value, any Error>
    do { result = .success(try await body(caretaker)) } catch { result = .failure(error) }
    await log.close()
    return try result.get()
  }
}
