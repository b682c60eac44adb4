// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import FileSource

/// A folder of which for a moment nobody can say what is in it.
@Suite struct UnreadableFolderTests {
  private let folder = MadeUpFolder()
  private let start = MadeUpFolder.start

  @Test func `is looked at again, and nothing in it is taken for deleted`() throws {
    folder.put("old.txt")
    var machine = try folder.machine()
    #expect(!machine.mustPoll)
    folder.disk.isReadable = false
    folder.put("new.txt")
    try machine.take(RawEvent(kind: .overflow), at: start)
    try machine.settle(at: start + .seconds(1))
    #expect(folder.changes.reports.isEmpty && folder.changes.overflows == 1 && machine.mustPoll)
    folder.disk.isReadable = true
    try machine.poll(at: start + .seconds(2))
    try machine.settle(at: start + .seconds(3))
    #expect(folder.changes.reports == ["created /in/new.txt"] && !machine.mustPoll)
  }
}
