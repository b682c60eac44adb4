// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Testing

@testable import FileSource

/// What is reported before it has come to rest, on a disk that is made up.
@Suite struct EarlyReportTests {
  private let folder = MadeUpFolder()
  private var changes: MadeUpFolder.Changes { folder.changes }
  private let start = MadeUpFolder.start

  private func write(_ name: String, into machine: inout FileMachine, size: Int64 = 5) throws {
    folder.put(name, size: size)
    try machine.take(RawEvent(kind: .created, watch: 1, name: Array(name.utf8)), at: start)
    try machine.take(RawEvent(kind: .closed, watch: 1, name: Array(name.utf8)), at: start)
    try machine.settle(at: start)
  }

  @Test func `a complete file under a free name is reported at once`() throws {
    var machine = try folder.machine()
    try write("a.txt", into: &machine)
    #expect(changes.reports == ["created /in/a.txt"])
    folder.put("b.txt")
    try machine.take(RawEvent(kind: .movedTo, watch: 1, cookie: 9, name: Array("b.txt".utf8)), at: start)
    try machine.settle(at: start)
    #expect(changes.reports == ["created /in/a.txt", "created /in/b.txt"])
  }

  @Test(arguments: ["a.tmp", "sedAb12Cd", "old.txt.k2"])
  func `a file that may be renamed next has to come to rest`(name: String) throws {
    folder.put("old.txt")
    var machine = try folder.machine()
    try write(name, into: &machine)
    #expect(changes.reports.isEmpty)
    try machine.settle(at: start + .milliseconds(50))
    #expect(changes.reports == ["created /in/\(name)"])
  }

  @Test func `an empty file, and one that is written anew, have to come to rest`() throws {
    folder.put("old.txt")
    var machine = try folder.machine()
    try write("a.txt", into: &machine, size: 0)
    try write("old.txt", into: &machine, size: 9)
    #expect(changes.reports.isEmpty)
    try machine.settle(at: start + .milliseconds(50))
    #expect(changes.reports == ["created /in/a.txt", "modified /in/old.txt"])
  }

  @Test func `a file that is being written again is not reported as complete`() throws {
    var machine = try folder.machine()
    folder.put("a.txt")
    for kind in [RawEvent.Kind.created, .closed, .deleted, .created] {
      try machine.take(RawEvent(kind: kind, watch: 1, name: Array("a.txt".utf8)), at: start)
    }
    try machine.settle(at: start + .seconds(1))
    #expect(changes.reports.isEmpty)
  }

  @Test func `a time that is set after the report goes into the snapshot without an event`() throws {
    var machine = try folder.machine()
    try write("a.txt", into: &machine)
    folder.put("a.txt", modified: 99)
    changes.all = []
    try machine.settle(at: start + .milliseconds(50))
    #expect(changes.reports.isEmpty)
    #expect(changes.all.first?.checkpoint.first?.key == Array("/in/a.txt".utf8))
  }

  @Test func `what is written after the report is a change of its own`() throws {
    var machine = try folder.machine()
    try write("a.txt", into: &machine)
    folder.put("a.txt", size: 5, modified: 99)
    try machine.take(RawEvent(kind: .closed, watch: 1, name: Array("a.txt".utf8)), at: start)
    try machine.settle(at: start + .milliseconds(50))
    #expect(changes.reports == ["created /in/a.txt", "modified /in/a.txt"])
  }
}
