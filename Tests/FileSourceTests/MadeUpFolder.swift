// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

@testable import FileSource

/// A watched folder, `/in`, on a disk that is made up.
struct MadeUpFolder {
  static let start = Timestamp(seconds: 1_000_000)

  let disk = MadeUpDisk()
  let changes = Changes()

  /// A machine that has taken in what is there.
  func machine() throws -> FileMachine {
    let plan = try FileOptions.plan(["paths": ["/in"], "settle": "50ms"]).get()
    var machine = FileMachine(plan, disk: disk, sink: changes) { _ in }
    try machine.start(NoCheckpoint(), at: Self.start)
    changes.all = []
    return machine
  }

  func put(_ name: String, size: Int64 = 5, modified: Int64 = 1) {
    disk.files["/in/" + name] = FileFacts(
      size: size,
      modified: modified,
      inode: 7,
      isDirectory: false,
      isPlain: true
    )
  }

  /// Files of one folder.
  final class MadeUpDisk: Disk {
    var files: [String: FileFacts] = [:]
    /// Whether anything can be said about what is in the folder.
    var isReadable = true

    func look(_ path: [UInt8], followingLinks: Bool) -> Sight {
      let path = String(decoding: path, as: UTF8.self)
      if path == "/in" { return .found(FileFacts(size: 0, modified: 0, inode: 1, isDirectory: true)) }
      return files[path].map(Sight.found) ?? .nothing
    }

    func list(_ path: [UInt8]) -> Listing {
      isReadable ? .entries(files.map { (Array($0.key.dropFirst(4).utf8), $0.value) }) : .unknown
    }

    func read(_ path: [UInt8]) -> [UInt8]? { nil }
    func watch(_ path: [UInt8], device: UInt64) -> WatchAnswer { .watching(1) }
    func unwatch(_ watch: Int32) {}
  }

  /// What a machine reports.
  final class Changes: ChangeSink {
    var all: [FileChange] = []
    var overflows = 0
    func take(_ change: FileChange) { all.append(change) }
    func takeOverflow() { overflows += 1 }

    var reports: [String] {
      all.compactMap(\.report).map { "\($0.kind.rawValue) \(String(decoding: $0.path, as: UTF8.self))" }
    }
  }

  private struct NoCheckpoint: CheckpointReader {
    func value(for key: [UInt8]) -> [UInt8]? { nil }
    func forEach(_ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) {}
  }
}
