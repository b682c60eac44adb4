// SPDX-License-Identifier: Apache-2.0

import Foundation
import SocketSource
import Testing

@Suite struct SocketFolderTests {
  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  private func code(_ body: () throws -> Void) -> SocketFailure.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? SocketFailure)?.code
    }
  }

  @Test func `makes the folder and the socket for its user alone`() async throws {
    try await withFolder { folder in
      let socket = try BoundSocket(folder + "/a/b/events.sock")
      defer { close(socket.descriptor) }
      #expect(mode(folder + "/a") == 0o700 && mode(folder + "/a/b") == 0o700)
      #expect(mode(socket.path) == 0o600)
      socket.unlink()
      #expect(mode(socket.path) == 0)
    }
  }

  @Test(arguments: [mode_t(0o720), 0o702, 0o777]) func `refuses a folder that others can change`(mode: mode_t)
    async throws
  {
    try await withFolder { folder in
      chmod(folder, mode)
      #expect(code { try SocketFolder.prepare(folder + "/events.sock") } == .unsafeFolder)
    }
  }

  @Test func `refuses a path that is too long`() async throws {
    let path = "/tmp/" + String(repeating: "x", count: 103)
    #expect(code { try SocketFolder.prepare(path) } == .pathTooLong)
  }

  @Test func `refuses to remove what is no socket`() async throws {
    try await withFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/events.sock"))
      #expect(code { _ = try BoundSocket(folder + "/events.sock") } == .notASocket)
    }
  }

  @Test func `takes the place of a socket that nobody listens on`() async throws {
    try await withFolder { folder in
      let old = try BoundSocket(folder + "/events.sock")
      #expect(code { _ = try BoundSocket(old.path) } == .inUse && UnixSocket.accepts(at: old.path))
      close(old.descriptor)
      #expect(!UnixSocket.accepts(at: old.path))
      let new = try BoundSocket(old.path)
      close(new.descriptor)
    }
  }

  @Test func `leaves a socket alone that has taken its place`() async throws {
    try await withFolder { folder in
      let old = try BoundSocket(folder + "/events.sock")
      defer { close(old.descriptor) }
      unlink(old.path)
      let new = try BoundSocket(old.path)
      defer { close(new.descriptor) }
      old.unlink()
      #expect(mode(new.path) == 0o600)
    }
  }
}
