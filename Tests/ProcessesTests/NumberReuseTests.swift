// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes
import Testing

/// The number of a process that has ended belongs to another one later.
@Suite struct NumberReuseTests {
  /// Says which number was given to a process last; who may write to it decides about the next one.
  private static let lastNumber = "/proc/sys/kernel/ns_last_pid"

  private struct Child {
    let process: any RunningProcess
    let exits: AsyncStream<ProcessExit>

    init(_ arguments: String...) async throws {
      let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
      self.exits = exits
      let program = Program(path: "/bin/sh", arguments: ["-c"] + arguments)
      process = try await SystemProcessStarter().start(program) { continuation.yield($0) }
    }

    func exit() async -> ProcessExit? { await exits.first { _ in true } }
  }

  @Test(.enabled(if: access(lastNumber, W_OK) == 0 && geteuid() == 0))
  func `a signal to an ended process does not reach another one that has got its number`() async throws {
    let ended = try await Child("exit 0")
    #expect(await ended.exit() == .exited(0))
    let other = try await child(numbered: ended.process.id)
    ended.process.signal(SIGKILL)
    other.process.signal(SIGTERM)
    #expect(await other.exit() == .signalled(SIGTERM))
  }

  /// Starts processes until one of them gets the number: others may take it in between.
  private func child(numbered id: Int32) async throws -> Child {
    for attempt in 0..<1000 {
      // The thread that starts the process takes a number, too, and so may others meanwhile.
      try "\(id - 1 - Int32(attempt % 4))".write(toFile: Self.lastNumber, atomically: false, encoding: .utf8)
      let child = try await Child("exec sleep 1000")
      if child.process.id == id { return child }
      child.process.signal(SIGKILL)
      _ = await child.exit()
    }
    throw CancellationError()
  }
}
