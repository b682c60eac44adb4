// SPDX-License-Identifier: Apache-2.0

import EventModel
import FaultTesting
import Foundation
import Testing

/// How editors save, and that each saving is one event.
@Suite struct EditorTests {
  /// How often each pattern is saved; the environment can ask for more.
  static let count = FaultSize.of("EARSHOT_SAVES", short: 20)
  /// An editor must be done within this time, although a busy machine may keep it waiting in between.
  private static let patience = [JSONValue.Member("settle", "250ms")]

  enum Pattern: String, CaseIterable {
    case vim, vimKeepingBackup, vimInPlace, sed, temporaryAndRename, truncateAndWrite, severalCloses
    case backupByLink, renameAwayAndBack, removeAndWrite

    func save(_ number: Int, _ folder: WatchedFolder) throws {
      let text = "version \(number)\n"
      switch self {
      case .vim, .vimKeepingBackup:
        try folder.write("4913", "")
        try folder.remove("4913")
        try folder.rename("notes.txt", "notes.txt~")
        try folder.write("notes.txt", text)
        if self == .vim { try folder.remove("notes.txt~") }
      case .vimInPlace:
        try folder.write("notes.txt~", "backup")
        try folder.write("notes.txt", text)
        try folder.remove("notes.txt~")
      case .sed:
        try folder.write("sedAb\(number)", text)
        try folder.rename("sedAb\(number)", "notes.txt")
      case .temporaryAndRename:
        try folder.write(".notes.txt.tmp-\(number)", text)
        try folder.rename(".notes.txt.tmp-\(number)", "notes.txt")
      case .truncateAndWrite:
        truncate("\(folder.path)/notes.txt", 0)
        try folder.write("notes.txt", text)
      case .severalCloses:
        try folder.write("notes.txt", "")
        try folder.write("notes.txt", "half")
        try folder.write("notes.txt", text)
      case .backupByLink:
        link("\(folder.path)/notes.txt", "\(folder.path)/notes.txt~")
        try folder.write("new", text)
        try folder.rename("new", "notes.txt")
        try folder.remove("notes.txt~")
      case .renameAwayAndBack:
        try folder.rename("notes.txt", "other")
        try folder.rename("other", "notes.txt")
        try folder.write("notes.txt", text)
      case .removeAndWrite:
        try folder.remove("notes.txt")
        try folder.write("notes.txt", text)
      }
    }
  }

  @Test(arguments: Pattern.allCases) func `one saving is one event`(pattern: Pattern) async throws {
    let folder = try WatchedFolder(options: Self.patience)
    try folder.write("notes.txt", "version 0")
    try folder.write("notes.txt~", "backup")
    if pattern != .vimKeepingBackup { try folder.remove("notes.txt~") }
    try await folder.watch { sink in
      let perSaving = pattern == .vimKeepingBackup ? 2 : 1
      for number in 1...Self.count {
        try pattern.save(number, folder)
        _ = await sink.lines(count: number * perSaving)
      }
      let found = await sink.linesUntilNow()
      let other = found.filter { $0 != "modified notes.txt" }
      #expect(found.count - other.count == Self.count)
      #expect(other.allSatisfy { $0 == "modified notes.txt~" } && other.count == Self.count * (perSaving - 1))
      print("saves \(Self.count) by \(pattern), \(found.count - other.count) events")
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/sed")))
  func `a real sed is one event`() async throws {
    let folder = try WatchedFolder(options: Self.patience)
    try folder.write("notes.txt", "0\n")
    try await folder.watch { sink in
      for number in 1...10 {
        try folder.shell("sed -i 's/.*/\(number)/' notes.txt")
        _ = await sink.lines(count: number)
      }
      #expect(await sink.linesUntilNow() == Array(repeating: "modified notes.txt", count: 10))
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/vim")))
  func `a real vim is one event`() async throws {
    let folder = try WatchedFolder(options: Self.patience)
    try folder.write("notes.txt", "0\n")
    try await folder.watch { sink in
      for number in 1...5 {
        try folder.shell("vim -u NONE -N -es -c 'set writebackup' -c '1s/.*/\(number)/' -c wq notes.txt")
        _ = await sink.lines(count: number)
      }
      #expect(await sink.linesUntilNow() == Array(repeating: "modified notes.txt", count: 5))
    }
  }
}
