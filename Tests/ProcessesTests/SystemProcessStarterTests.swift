// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes
import Testing

@Suite struct SystemProcessStarterTests {
  /// Runs a shell script to its end.
  private func run(
    _ script: String,
    environment: [String: String] = [:],
    directory: String? = nil
  ) async throws -> (status: ProcessExit, output: String) {
    let pipe = Pipe()
    var program = Program(path: "/bin/sh", arguments: ["-c", script], environment: environment)
    program.output = pipe.fileHandleForWriting.fileDescriptor
    program.directory = directory
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    _ = try await SystemProcessStarter().start(program) { continuation.yield($0) }
    try pipe.fileHandleForWriting.close()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    let status = try #require(await exits.first { _ in true })
    return (status, String(decoding: output, as: UTF8.self))
  }

  @Test func `tells an exit status from a signal`() async throws {
    #expect(try await run("exit 7").status == .exited(7))
    #expect(try await run("kill -9 $$").status == .signalled(SIGKILL))
  }

  @Test func `gives a child its environment, its directory and no other descriptor`() async throws {
    let result = try await run(
      "pwd; env | grep -v -e PWD -e _= | sort; ls /proc/self/fd",
      environment: ["A": "b c"],
      directory: "/tmp"
    )
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines.prefix(2) == ["/tmp", "A=b c"])
    // The fourth is the directory that `ls` itself reads.
    #expect(lines.dropFirst(2) == ["0", "1", "2", "3"])
  }

  @Test func `makes a child the leader of its own group with default signals`() async throws {
    let result = try await run(
      "ps -o pgid= -p $$ | tr -d ' '; echo $$; grep -E 'Sig(Blk|Ign)' /proc/self/status"
    )
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 4 && lines[0] == lines[1])
    // The C library keeps signals 32 and 33 to itself and lets nobody set them.
    let masks = lines.dropFirst(2).compactMap { UInt64($0.split(separator: "\t")[1], radix: 16) }
    #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
  }

  @Test func `ends what a child leaves behind in its group`() async throws {
    // The background process keeps the pipe open: without its end, reading would not come to one.
    let result = try await run("sleep 1000 & echo started")
    #expect(result.output == "started\n")
    #expect(result.status == .exited(0))
  }

  @Test func `says why a program cannot be started`() async throws {
    await #expect(
      throws: StartFailure(errno: ENOENT, description: "cannot start '/no/such': No such file or directory")
    ) {
      try await SystemProcessStarter().start(Program(path: "/no/such")) { _ in }
    }
    var program = Program(path: "/bin/true")
    program.directory = "/no/such"
    let elsewhere = program
    await #expect(throws: StartFailure.self) {
      try await SystemProcessStarter().start(elsewhere) { _ in }
    }
  }

  @Test func `signals a whole group`() async throws {
    let (exits, continuation) = AsyncStream.makeStream(of: ProcessExit.self)
    let program = Program(
      path: "/bin/sh",
      arguments: ["-c", "sleep 1000; true"],
      environment: ["PATH": "/bin:/usr/bin"]
    )
    let process = try await SystemProcessStarter().start(program) { continuation.yield($0) }
    process.signal(SIGTERM)
    #expect(await exits.first { _ in true } == .signalled(SIGTERM))
    process.signal(SIGTERM)
  }
}
