// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import Foundation

extension Log {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write events as newline-delimited CloudEvents.",
      discussion: """
        Each line is an event with all its attributes and what the log has stamped on it: its position (sequence) and \
        when it was recorded (recordedtime). To standard output, or to a file, which is there only when it is whole. May \
        run beside a host; what is recorded meanwhile is not part of it.

        Examples:
          earshot log export -o archive.ndjson
          earshot log export --until 30d --type 'order.*' | gzip > orders.ndjson.gz
        """
    )

    @OptionGroup var events: EventOptions
    @Option(help: "The last position.") var to: Int64?
    @Option(help: "Only events recorded from then on: how long ago, or an instant.") var since: String?
    @Option(help: "Only events recorded before that: how long ago, or an instant.") var until: String?
    @Option(name: .shortAndLong, help: "The file to write; it must not be there.") var output: String?
    @OptionGroup var location: StateOption

    func run() throws {
      let asked = [("to", to.map { String($0) }), ("since", since), ("until", until)]
      let query = events.query + asked.compactMap { name, value in value.map { (name, $0) } }
      let target = try output.map { try NewFile($0) }
      let count = try location.reading { path in
        try StoredLog(path: path).export(query) { lines in
          try (target?.handle ?? .standardOutput).write(contentsOf: Data(lines))
        }
      }
      try target?.finish()
      if let output { HostOutput.write("\(count.events) events are in \(output)") }
      if count.unknown > 0 { HostOutput.write("the condition has no value for \(count.unknown) events") }
    }
  }
}

/// A file that is there under its name only when it is whole and on disk.
private struct NewFile {
  let handle: FileHandle
  private let path: String
  private var partial: String { path + ".part" }

  init(_ path: String) throws {
    self.path = path
    guard !FileManager.default.fileExists(atPath: path) else {
      throw commandFailure("'\(path)' is there already", status: 64)
    }
    // It holds what the log holds, so it is for this user alone.
    let descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw commandFailure(
        "'\(path).part' cannot be written: \(String(cString: strerror(errno)))",
        status: 73
      )
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  func finish() throws {
    try handle.synchronize()
    try handle.close()
    guard rename(partial, path) == 0 else {
      throw commandFailure("'\(path)' cannot be made: \(String(cString: strerror(errno)))", status: 73)
    }
  }
}
