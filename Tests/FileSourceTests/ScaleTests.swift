// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import FileSource

/// Figures for a large tree; runs only when the environment asks for it.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["EARSHOT_SCALE"] != nil)) struct ScaleTests {
  private static func residentKilobytes() -> Int {
    let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmRSS") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }

  @Test func `starts fast and stays small with a hundred thousand files`() async throws {
    let folder = try WatchedFolder()
    try folder.shell("for i in $(seq 10000); do mkdir d$i; (cd d$i; touch 0 1 2 3 4 5 6 7 8 9); done")
    let before = Self.residentKilobytes()
    for run in ["first", "second"] {
      let started = ContinuousClock.now
      try await folder.watch { sink in
        let kilobytes = Self.residentKilobytes() - before
        print(
          "\(run) start: \(ContinuousClock.now - started), RSS grown by \(kilobytes) KiB with the test's log"
        )
        #expect(await sink.linesUntilNow() == [])
      }
    }
  }

  @Test func `keeps about a hundred bytes for a file`() {
    let before = Self.residentKilobytes()
    var tree = FileTree()
    let root = tree.addRoot(Array("/srv/files".utf8))
    let facts = FileFacts(size: 1, modified: 2, inode: 3, isDirectory: false)
    for number in 0..<10_000 {
      let folder = tree.add(Array("folder-\(number)".utf8), to: root, facts, isReported: true)
      for file in 0..<10 { _ = tree.add(Array("file-\(file).txt".utf8), to: folder, facts, isReported: true) }
    }
    print("the tree of \(tree.count) nodes takes \(Self.residentKilobytes() - before) KiB")
    #expect(tree.count == 110_001)
  }
}
