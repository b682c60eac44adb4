// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Processes

/// The drawing program, if it is there.
enum Graphviz {
  /// A picture of a graph in the language DOT; ends the program with status 69 when it cannot be drawn.
  static func svg(of dot: String) async throws -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard let path = folders.map({ "\($0)/dot" }).first(where: FileManager.default.isExecutableFile) else {
      let help = "install Graphviz, or draw what --format dot or mermaid prints elsewhere"
      throw commandFailure("there is no program 'dot': \(help)", status: 69)
    }
    let (input, output) = (Pipe(), Pipe())
    var program = Program(path: path, arguments: ["-Tsvg"], environment: ["LANG": "C.UTF-8"])
    program.input = input.fileHandleForReading.fileDescriptor
    program.output = output.fileHandleForWriting.fileDescriptor
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    _ = try await SystemProcessStarter().start(program) {
      continuation.yield($0)
      continuation.finish()
    }
    try input.fileHandleForReading.close()
    try output.fileHandleForWriting.close()
    // A thread of its own, since the picture may be read only once some of the graph was written, and the other way round.
    Thread.detachNewThread {
      try? input.fileHandleForWriting.write(contentsOf: Data(dot.utf8))
      try? input.fileHandleForWriting.close()
    }
    let picture = try output.fileHandleForReading.readToEnd() ?? Data()
    guard await exits.first(where: { _ in true }) == .exited(0) else {
      throw commandFailure("'dot' could not draw the graph", status: 70)
    }
    return String(decoding: picture, as: UTF8.self)
  }
}
