// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import FaultTesting
import Foundation
import Processes
import Synchronization
import Testing

/// A built host that runs in a folder of its own.
final class HostProcess: Sendable {
  /// What a test needs to know when the host has ended.
  struct Ended: Sendable {
    let exit: ProcessExit
    let errors: String
  }

  let process: any RunningProcess
  private let exits: AsyncStream<ProcessExit>
  private let output: FileHandle
  private let errorPath: String
  /// Whether it has said that it is ready.
  let isReady: Bool

  private init(
    _ process: any RunningProcess,
    _ exits: AsyncStream<ProcessExit>,
    _ output: FileHandle,
    _ errorPath: String
  ) {
    self.process = process
    self.exits = exits
    self.output = output
    self.errorPath = errorPath
    isReady = Self.readLine(output).hasPrefix("ready")
  }

  /// Starts the host and returns once it says that it is ready.
  static func start(in bench: HostBench, adding variables: [String: String] = [:]) async throws -> HostProcess
  {
    let host = try await launch(in: bench, adding: variables)
    if !host.isReady {
      Issue.record("the host did not get ready: \(host.errors)")
      throw CancellationError()
    }
    return host
  }

  /// Starts the host and returns once it says that it is ready, or has ended.
  static func launch(in bench: HostBench, adding variables: [String: String] = [:]) async throws
    -> HostProcess
  {
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    let pipe = Pipe()
    _ = FileManager.default.createFile(atPath: bench.errorPath, contents: nil)
    let errors = try FileHandle(forWritingTo: URL(filePath: bench.errorPath))
    try errors.seekToEnd()
    var program = Program(
      path: HostBench.executable,
      arguments: ["run", bench.rules, "--state", bench.state, "--plugins", bench.plugins],
      environment: ProcessInfo.processInfo.environment.merging(variables) { $1 }
    )
    program.output = pipe.fileHandleForWriting.fileDescriptor
    program.error = errors.fileDescriptor
    let process = try await SystemProcessStarter().start(program) {
      continuation.yield($0)
      continuation.finish()
    }
    try pipe.fileHandleForWriting.close()
    try errors.close()
    return HostProcess(process, exits, pipe.fileHandleForReading, bench.errorPath)
  }

  /// Whether it has not ended.
  var isAlive: Bool { ListedProcess.all().contains { $0.id == process.id && !$0.isZombie } }

  var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

  /// Sends a signal and returns when the host has ended.
  @discardableResult
  func end(_ signal: Int32) async -> ProcessExit? {
    process.signal(signal)
    return await ended()
  }

  /// Returns when the host has ended.
  func ended() async -> ProcessExit? { await exits.first { _ in true } }

  private static func readLine(_ output: FileHandle) -> String {
    var line: [UInt8] = []
    while let byte = try? output.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
  }
}
