// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Synchronization
import Testing

@Suite struct RecoveryTests {
  @Test func `reports at the next start what happened meanwhile, once`() async throws {
    let folder = try WatchedFolder()
    for name in ["same", "changed", "gone", "old-name"] { try folder.write(name) }
    try folder.makeFolder("d/e")
    try folder.write("d/e/f")
    try await folder.watch { sink in #expect(await sink.linesUntilNow() == []) }
    try folder.write("changed", "another text")
    try folder.remove("gone")
    try folder.rename("old-name", "new-name")
    try folder.write("new")
    try folder.rename("d", "g")
    try folder.shell("rm sentinel-*")
    try await folder.watch { sink in
      let found = await sink.linesUntilNow()
      #expect(
        found.sorted() == [
          "created g dir recovered", "created g/e dir recovered", "created new recovered",
          "deleted d dir recovered", "deleted d/e dir recovered", "deleted gone recovered",
          "modified changed recovered", "moved g/e/f from d/e/f recovered",
          "moved new-name from old-name recovered",
        ]
      )
    }
    try await folder.watch { sink in #expect(await sink.linesUntilNow() == []) }
  }

  @Test func `waits for a root that is missing, and again when it is gone`() async throws {
    let folder = try WatchedFolder(below: "/later/inbox")
    try await folder.watch { sink in
      try folder.makeFolder("later/inbox")
      try folder.write("later/inbox/f")
      #expect(await sink.lines(count: 1) == ["created later/inbox/f"])
      try folder.remove("later")
      #expect(await sink.lines(count: 2).last == "deleted later/inbox/f")
      try folder.makeFolder("later/inbox")
      try folder.write("later/inbox/g")
      #expect(await sink.lines(count: 3).last == "created later/inbox/g")
    }
    let texts = folder.reports.withLock { $0 }
    #expect(texts.count == 2 && texts.allSatisfy { $0.contains("awaited") })
  }

  @Test func `polls when asked to`() async throws {
    let folder = try WatchedFolder(options: [.init("poll", "20ms")])
    try folder.write("old")
    try await folder.watch { sink in
      try folder.makeFolder("d")
      try folder.write("d/f")
      #expect(await sink.lines(count: 2) == ["created d dir", "created d/f"])
      try folder.write("old", "more text than before")
      #expect(await sink.lines(count: 3).last == "modified old")
      try folder.remove("d")
      #expect(await sink.lines(count: 5).suffix(2) == ["deleted d/f", "deleted d dir"])
    }
  }

  @Test func `polls what cannot be watched and says so once`() async throws {
    let folder = try WatchedFolder(options: [.init("settle", "10ms")], watchLimit: 2)
    for name in ["a", "b", "c"] { try folder.makeFolder(name) }
    try await folder.watch { sink in
      for name in ["a", "b", "c"] { try folder.write("\(name)/f") }
      #expect(await sink.lines(count: 3).sorted() == ["created a/f", "created b/f", "created c/f"])
    }
    let texts = folder.reports.withLock { $0 }
    #expect(texts.count == 1 && texts.allSatisfy { $0.contains("sysctl fs.inotify.max_user_watches") })
  }
}
