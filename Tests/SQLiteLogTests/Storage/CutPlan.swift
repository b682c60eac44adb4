// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation

/// Checks states that a power cut may leave of one recording.
struct CutPlan: Sendable {
  let recording: Recording
  let content: LogContent
  /// Which files the disk syncs only in appearance.
  let pretends: @Sendable (String) -> Bool

  /// Checks so many states, with all processors.
  func check(_ count: Int, in folder: String, seed: UInt64) async throws -> CutTally {
    let parts = 2
    return try await withThrowingTaskGroup(of: CutTally.self) { group in
      for part in 0..<parts {
        // Each part goes through the whole recording with moments of its own.
        group.addTask {
          let share = count / parts + (part < count % parts ? 1 : 0)
          return try await checkPart(share, at: folder + "/state\(part)-", seed: seed &+ UInt64(part))
        }
      }
      return try await group.reduce(into: CutTally()) { $0.add($1) }
    }
  }

  private func checkPart(_ count: Int, at path: String, seed: UInt64) async throws -> CutTally {
    var random = SeededRandom(seed: seed)
    var tally = CutTally()
    var disk = UncertainDisk(recording.start, pretends: pretends)
    var least = 0
    var done = 0
    for cut in (0..<count).map({ _ in Int.random(in: 0...recording.steps.count, using: &random) }).sorted() {
      while done < cut {
        let step = recording.steps[done]
        disk.apply(step)
        if case .acknowledged(let content) = step { least = content }
        done += 1
      }
      let files = disk.afterPowerCut(&random)
      let state = StoredState(files: files, least: least, recording: recording, content: content)
      // No state has the path of another, so that nothing of one is taken for the next.
      tally.note(await state.finding(at: path + "\(tally.checked)"), cut: cut, least: least)
    }
    return tally
  }

  /// The files after one power cut, from which another recording can go on.
  func oneState(_ random: inout SeededRandom) -> [String: [UInt8]] {
    var disk = UncertainDisk(recording.start, pretends: pretends)
    for step in recording.steps.prefix(Int.random(in: 0...recording.steps.count, using: &random)) {
      disk.apply(step)
    }
    return disk.afterPowerCut(&random)
  }
}

/// What was found in states after power cuts.
struct CutTally: Sendable, CustomStringConvertible {
  private(set) var checked = 0
  private(set) var acknowledged = 0
  private(set) var lost = 0
  private(set) var damaged = 0
  private(set) var findings: [String] = []

  mutating func note(_ finding: (any Error)?, cut: Int, least: Int) {
    checked += 1
    acknowledged += least
    guard let finding else { return }
    if case StoredState.Finding.lost = finding { lost += 1 } else { damaged += 1 }
    findings.append("cut \(cut) after \(least) commits: \(finding)")
  }

  mutating func add(_ other: CutTally) {
    checked += other.checked
    acknowledged += other.acknowledged
    lost += other.lost
    damaged += other.damaged
    findings += other.findings
  }

  var description: String {
    "states \(checked), commits acknowledged before them \(acknowledged), states that lost one \(lost), damaged \(damaged)"
  }
}
