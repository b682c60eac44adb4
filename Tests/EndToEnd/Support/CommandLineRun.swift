// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes

/// One run of the built program to its end.
struct CommandLineRun: Sendable {
  let status: Int32?
  let output: String

  /// Runs the program with arguments; what it says on standard error is dropped.
  init(_ arguments: [String], adding variables: [String: String] = [:]) async throws {
    let pipe = Pipe()
    var program = Program(
      path: HostBench.executable,
      arguments: arguments,
      environment: ProcessInfo.processInfo.environment.merging(variables) { $1 }
    )
    program.output = pipe.fileHandleForWriting.fileDescriptor
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    _ = try await SystemProcessStarter().start(program) {
      continuation.yield($0)
      continuation.finish()
    }
    try pipe.fileHandleForWriting.close()
    output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    let exit = await exits.first { _ in true }
    if case .exited(let code)? = exit { status = code } else { status = nil }
  }
}
