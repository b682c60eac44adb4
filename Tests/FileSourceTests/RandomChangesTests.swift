// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

/// Random changes in quick succession: the events, applied one after another, lead to what is on disk.
@Suite struct RandomChangesTests {
  private func change(_ folder: WatchedFolder, _ random: inout SeededRandom) {
    func path() -> String {
      let depth = Int.random(in: 1...3, using: &random)
      return folder.path + "/"
        + (0..<depth).map { _ in ["a", "b", "c"].randomElement(using: &random) ?? "a" }
        .joined(separator: "/")
    }
    let (path1, path2) = (path(), path())
    switch Int.random(in: 0..<10, using: &random) {
    case 0...2: mkdir(path1, 0o755)
    case 3...5:
      guard let file = fopen(path1, "w") else { return }
      fputs("\(UInt64.random(in: 0 ... .max, using: &random))", file)
      fclose(file)
    case 6: unlink(path1)
    case 7: try? FileManager.default.removeItem(atPath: path1)
    default: rename(path1, path2)
    }
  }

  /// Applies an event to a set of paths; gives what is impossible about it.
  private func apply(_ line: String, to paths: inout Set<String>) -> String? {
    let words = line.replacing(" dir", with: "").replacing(" recovered", with: "").split(separator: " ").map(
      String.init
    )
    switch words[0] {
    case "created": return paths.insert(words[1]).inserted ? nil : line
    case "deleted": return paths.remove(words[1]) == nil ? line : nil
    case "modified": return paths.contains(words[1]) ? nil : line
    default:
      guard paths.contains(words[3]) else { return line }
      let moved = paths.filter { $0 == words[3] || $0.hasPrefix(words[3] + "/") }
      paths.subtract(moved)
      for path in moved where !paths.insert(words[1] + path.dropFirst(words[3].count)).inserted {
        return line
      }
      return nil
    }
  }

  @Test(arguments: 1...20) func `events lead to what is on disk`(seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    let folder = try WatchedFolder(options: [.init("settle", seed % 2 == 0 ? "0s" : "5ms")])
    var lines: [String] = []
    try await folder.watch { sink in
      for _ in 0..<4 {
        for _ in 0..<80 { change(folder, &random) }
        _ = await sink.linesUntilNow()
      }
      lines = await sink.linesUntilNow()
    }
    for _ in 0..<40 { change(folder, &random) }
    try await folder.watch { sink in lines += await sink.linesUntilNow() }
    var paths: Set<String> = []
    let impossible = lines.compactMap { apply($0, to: &paths) }
    #expect(impossible == [])
    let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    #expect(paths == Set(found.filter { !$0.contains("sentinel-") }))
  }
}
