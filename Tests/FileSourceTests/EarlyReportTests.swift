// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Testing

@testable import FileSource

/// What is reported before it has come to rest, on a disk that is made up.
@Suite struct EarlyReportTests {
  private final class MadeUpDisk: Disk {
    var files: [String: FileFacts] = [:]

    func look(_ path: [UInt8], followingLinks: Bool) -> Sight {
      let path = String(decoding: path, as: UTF8.self)
      if path == "/in" { return .found(FileFacts(size: 0, modified: 0, inode: 1, isDirectory: true)) }
      return files[path].map(Sight.found) ?? .nothing
    }

    func list(_ path: [UInt8]) -> [(name: [UInt8], facts: FileFacts)]? {
      files.map { (Array($0.key.dropFirst(4).utf8), $0.value) }
    }

    func read(_ path: [UInt8]) -> [UInt8]? { nil }
    func watch(_ path: [UInt8], device: UInt64) -> WatchAnswer { .watching(1) }
    func unwatch(_ watch: Int32) {}
  }

  private final class Changes: ChangeSink {
    var all: [FileChange] = []
    func take(_ change: FileChange) { all.append(change) }

    var reports: [String] {
      all.compactMap(\.report).map { "\($0.kind.rawValue) \(String(decoding: $0.path, as: UTF8.self))" }
    }
  }

  private struct NoCheckpoint: CheckpointReader {
    func value(for key: [UInt8]) -> [UInt8]? { nil }
    func forEach(_ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) {}
  }

  private let disk = MadeUpDisk()
  private let changes = Changes()
  private let start = Timestamp(seconds: 1_000_000)

  private func machine() throws -> FileMachine {
    let plan = try FileOptions.plan(["paths": ["/in"], "settle": "50ms"]).get()
    var machine = FileMachine(plan, disk: disk, sink: changes) { _ in }
    try machine.start(NoCheckpoint(), at: start)
    changes.all = []
    return machine
  }

  private func put(_ name: String, size: Int64 = 5, modified: Int64 = 1) {
    disk.files["/in/" + name] = FileFacts(
      size: size,
      modified: modified,
      inode: 7,
      isDirectory: false,
      isPlain: true
    )
  }

  private func write(_ name: String, into machine: inout FileMachine, size: Int64 = 5) throws {
    put(name, size: size)
    try machine.take(RawEvent(kind: .created, watch: 1, name: Array(name.utf8)), at: start)
    try machine.take(RawEvent(kind: .closed, watch: 1, name: Array(name.utf8)), at: start)
    try machine.settle(at: start)
  }

  @Test func `a complete file under a free name is reported at once`() throws {
    var machine = try machine()
    try write("a.txt", into: &machine)
    #expect(changes.reports == ["created /in/a.txt"])
    put("b.txt")
    try machine.take(RawEvent(kind: .movedTo, watch: 1, cookie: 9, name: Array("b.txt".utf8)), at: start)
    try machine.settle(at: start)
    #expect(changes.reports == ["created /in/a.txt", "created /in/b.txt"])
  }

  @Test(arguments: ["a.tmp", "sedAb12Cd", "old.txt.k2"])
  func `a file that may be renamed next has to come to rest`(name: String) throws {
    put("old.txt")
    var machine = try machine()
    try write(name, into: &machine)
    #expect(changes.reports.isEmpty)
    try machine.settle(at: start + .milliseconds(50))
    #expect(changes.reports == ["created /in/\(name)"])
  }

  @Test func `an empty file, and one that is written anew, have to come to rest`() throws {
    put("old.txt")
    var machine = try machine()
    try write("a.txt", into: &machine, size: 0)
    try write("old.txt", into: &machine, size: 9)
    #expect(changes.reports.isEmpty)
    try machine.settle(at: start + .milliseconds(50))
    #expect(changes.reports == ["created /in/a.txt", "modified /in/old.txt"])
  }

  @Test func `a file that is being written again is not reported as complete`() throws {
    var machine = try machine()
    put("a.txt")
    for kind in [RawEvent.Kind.created, .closed, .deleted, .created] {
      try machine.take(RawEvent(kind: kind, watch: 1, name: Array("a.txt".utf8)), at: start)
    }
    try machine.settle(at: start + .seconds(1))
    #expect(changes.reports.isEmpty)
  }

  @Test func `a time that is set after the report goes into the snapshot without an event`() throws {
    var machine = try machine()
    try write("a.txt", into: &machine)
    put("a.txt", modified: 99)
    changes.all = []
    try machine.settle(at: start + .milliseconds(50))
    #expect(changes.reports.isEmpty)
    #expect(changes.all.first?.checkpoint.first?.key == Array("/in/a.txt".utf8))
  }

  @Test func `what is written after the report is a change of its own`() throws {
    var machine = try machine()
    try write("a.txt", into: &machine)
    put("a.txt", size: 5, modified: 99)
    try machine.take(RawEvent(kind: .closed, watch: 1, name: Array("a.txt".utf8)), at: start)
    try machine.settle(at: start + .milliseconds(50))
    #expect(changes.reports == ["created /in/a.txt", "modified /in/a.txt"])
  }
}
