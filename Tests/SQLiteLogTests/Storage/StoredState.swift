// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation

@testable import LogConformance
@testable import SQLiteLog

/// The files of a log as a power cut may have left them, and what there must be in them.
struct StoredState {
  /// What is wrong with it.
  enum Finding: Error, Hashable {
    /// It does not open, or its check finds damage.
    case damaged(String)
    /// It is as it was before a change that had been acknowledged.
    case lost(contents: Int)
    /// It is as it never was.
    case neverWas(String)
    /// It does not take events.
    case unusable(String)
  }

  let files: [String: [UInt8]]
  /// What the log held after the last commit that was acknowledged, among all contents.
  let least: Int
  let recording: Recording
  let content: LogContent

  /// What is wrong, if anything.
  func finding(at path: String) async -> (any Error)? {
    do {
      try await check(at: path)
      return nil
    } catch {
      return error
    }
  }

  /// Opens the log as a host would, compares all it holds, checks it, and appends an event.
  private func check(at path: String) async throws {
    for (name, bytes) in files { try write(bytes, to: path + name.dropFirst("log".count)) }
    let log: SQLiteLog
    do {
      log = try SQLiteLog(path: path, clock: StandingClock(), reserve: NoReserve()) { _ in }
    } catch {
      throw Finding.damaged("it does not open: \(error)")
    }
    let result: Result<Void, any Error>
    do { result = .success(try await check(log, path)) } catch { result = .failure(error) }
    await log.close()
    for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { unlink(path + suffix) }
    try result.get()
  }

  private func check(_ log: SQLiteLog, _ path: String) async throws {
    log.start(router: try PrefixRouter.forStorage(), observer: NoRuns())
    try compare(try content.text(log.reader))
    try verify(path)
    let last = try log.lastPosition()
    var intake = EventIntake(defaultSource: "afterwards", clock: StandingClock())
    var batch = EventBatch()
    try intake.append(CloudEvent(type: "run"), to: &batch)
    do {
      let receipt = try await log.submit(LogChange(events: batch))
      guard receipt.outcomes == [.appended(last.next)], try log.runs(of: last.next).count == 1 else {
        throw Finding.unusable("\(receipt)")
      }
    } catch let failure as LogFailure {
      throw Finding.unusable("\(failure)")
    }
  }

  private func compare(_ found: String) throws {
    // One change at a time is committed and may have reached the disk without an answer.
    for allowed in [least, least + 1] where allowed < recording.contents.count {
      if recording.contents[allowed] == found { return }
    }
    if let index = recording.contents.firstIndex(of: found) {
      throw Finding.lost(contents: least - index)
    }
    let near = recording.contents[least]
    let start = zip(found.utf8, near.utf8).prefix { $0 == $1 }.count
    throw Finding.neverWas(
      "'\(String(found.dropFirst(max(0, start - 40)).prefix(120)))' for '\(String(near.dropFirst(max(0, start - 40)).prefix(120)))'"
    )
  }

  private func verify(_ path: String) throws {
    do {
      let found = try LogVerification(path: path)
      guard let damage = found.damage else { return }
      throw Finding.damaged("\(damage)")
    } catch let failure as LogFailure {
      throw Finding.damaged("\(failure)")
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { throw POSIXError(.EIO) }
    defer { close(file) }
    guard bytes.isEmpty || Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw POSIXError(.ENOSPC)
    }
  }
}
