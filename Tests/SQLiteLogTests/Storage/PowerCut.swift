// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What a power cut leaves of changes that were not synced.
struct PowerCut {
  private static let sector = 512

  /// What is where a sector of a change did not reach the disk.
  private enum Rest: CaseIterable {
    /// What was there before, and nothing beyond the file's end.
    case before
    /// The file has grown over it, and reads as zero there.
    case zeros
    /// The file has grown over it, and what reads there was never written to it.
    case garbage
    /// The sector was being written: its first bytes are new, the others are old.
    case partOfSector
  }

  private let rest: Rest
  /// How likely a change has reached the disk, and how likely only some sectors of it, in percent.
  private let reached: Int
  private let torn: Int

  init(_ random: inout SeededRandom) {
    rest = Rest.allCases.randomElement(using: &random) ?? .before
    reached = [0, 10, 50, 90, 100].randomElement(using: &random) ?? 50
    torn = [0, 20, 100].randomElement(using: &random) ?? 20
  }

  /// Makes some of the changes, in any order, each of them only in part.
  func apply(_ changes: [FileChange], to file: inout [UInt8], _ random: inout SeededRandom) {
    for change in changes.shuffled(using: &random) {
      guard Self.chance(reached, &random) else {
        if case .write(let offset, let bytes) = change {
          leave(offset..<offset + bytes.count, of: &file, &random)
        }
        continue
      }
      if case .write(let offset, let bytes) = change, Self.chance(torn, &random) {
        tear(bytes, at: offset, &file, &random)
      } else {
        change.apply(to: &file)
      }
    }
  }

  /// Writes some sectors.
  private func tear(_ bytes: [UInt8], at offset: Int, _ file: inout [UInt8], _ random: inout SeededRandom) {
    var start = offset
    while start < offset + bytes.count {
      let end = min((start / Self.sector + 1) * Self.sector, offset + bytes.count)
      let part = bytes[start - offset..<end - offset]
      if Bool.random(using: &random) {
        FileChange.write(part, at: start, to: &file)
      } else if rest == .partOfSector, Bool.random(using: &random) {
        FileChange.write(part.prefix(Int.random(in: 0...part.count, using: &random)), at: start, to: &file)
      } else {
        leave(start..<end, of: &file, &random)
      }
      start = end
    }
  }

  /// What was to be written there was not.
  private func leave(_ range: Range<Int>, of file: inout [UInt8], _ random: inout SeededRandom) {
    guard range.upperBound > file.count, rest == .zeros || rest == .garbage else { return }
    let start = max(file.count, range.lowerBound)
    FileChange.resize(&file, to: range.upperBound)
    guard rest == .garbage else { return }
    let garbage = [UInt8](
      repeating: UInt8.random(in: 1...255, using: &random),
      count: range.upperBound - start
    )
    FileChange.write(garbage[...], at: start, to: &file)
  }

  private static func chance(_ percent: Int, _ random: inout SeededRandom) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }
}
