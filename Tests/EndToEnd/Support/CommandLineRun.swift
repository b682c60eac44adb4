// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes

/// One run of the built program to its end.
struct CommandLineRun: Sendable {
  let status: Int32?
  let output: String
  /// What it says on standard error.
  let errors: String

  /// Runs the program with arguments; `input` is what it reads from standard input.
  init(_ arguments: [String], adding variables: [String: String] = [:], input: String? = nil) async throws {
    let pipe = Pipe()
    // Files, so that nobody waits for anybody.
    let errorFile = try Self.file("")
    let inputFile = try input.map(Self.file)
    var program = Program(
      path: HostBench.executable,
      arguments: arguments,
      environment: ProcessInfo.processInfo.environment.merging(variables) { $1 }
    )
    program.input = inputFile?.fileDescriptor
    program.output = pipe.fileHandleForWriting.fileDescriptor
    program.error = errorFile.fileDescriptor
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    _ = try await SystemProcessStarter().start(program) {
      continuation.yield($0)
      continuation.finish()
    }
    try pipe.fileHandleForWriting.close()
    output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    let exit = await exits.first { _ in true }
    if case .exited(let code)? = exit { status = code } else { status = nil }
    try errorFile.seek(toOffset: 0)
    errors = String(decoding: try errorFile.readToEnd() ?? Data(), as: UTF8.self)
    try inputFile?.close()
    try errorFile.close()
  }

  /// An open file without a name that holds a text, to be read from its beginning.
  private static func file(_ text: String) throws -> FileHandle {
    let path = NSTemporaryDirectory() + "earshot-\(UUID().uuidString)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try FileHandle(forUpdating: URL(filePath: path))
  }
}
