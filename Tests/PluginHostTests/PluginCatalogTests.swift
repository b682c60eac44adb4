// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import PluginHost
import PluginWire
import Processes
import Rules
import Testing

/// Plugins that are shell scripts, each with a fault of its own.
@Suite struct PluginCatalogTests {
  private static let hello =
    #"{"kind":"hello","protocol":1,"name":"NAME","version":"1","actions":[{"name":"go"}]}"#

  /// Loads a folder with one plugin, the script, whose `NAME` is its name.
  private func load(
    _ script: String,
    name: String = "good",
    mode: Int = 0o755,
    patience: Duration = .seconds(60)
  ) async throws -> PluginCatalog {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "earshot-listener-\(name)").path
    let text = "#!/bin/sh\n" + script.replacing("HELLO", with: Self.hello).replacing("NAME", with: name)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return await PluginCatalog.load(
      [PluginFolder(path: folder.path)],
      starter: SystemProcessStarter(),
      clock: SystemClock(),
      environment: ["PATH": "/usr/bin:/bin", "SECRET": "x"],
      patience: patience
    )
  }

  @Test func `hears what a plugin says of itself, in any language`() async throws {
    let catalog = try await load("echo noise >&2; echo '{\"kind\":\"news\"}'; echo 'HELLO'; cat")
    #expect(catalog.failures.isEmpty)
    #expect(catalog.pluginNames == ["good"])
    #expect(catalog.plugin(named: "good")?.action(named: "go")?.parameters == .any)
    #expect(catalog.plugin(named: "bad") == nil)
  }

  @Test func `gives a plugin none of the host's own environment`() async throws {
    let catalog = try await load("test -z \"$SECRET\" || exit 1; echo 'HELLO'; cat")
    #expect(catalog.pluginNames == ["good"])
  }

  @Test(arguments: [
    ("exit 3", PluginFailure.Code.ended),
    ("echo 'HELLO' | tr -d '}'; cat", .protocolError),
    ("echo '{\"kind\":\"progress\",\"id\":1}'; cat", .protocolError),
    ("head -c 9000000 /dev/zero; cat", .protocolError),
    ("yes; cat", .protocolError),
    ("echo 'HELLO' | sed s/:1,/:2,/; cat", .version),
    ("echo 'HELLO' | sed s/good/better/; cat", .name),
  ])
  func `leaves out a plugin that does it wrong and says why`(script: String, code: PluginFailure.Code)
    async throws
  {
    let catalog = try await load(script)
    #expect(catalog.failures.map(\.code) == [code])
    #expect(catalog.entries.isEmpty)
  }

  @Test func `does not wait for a plugin that says nothing`() async throws {
    let catalog = try await load("trap '' TERM; sleep 1000", patience: .zero)
    #expect(catalog.failures.map(\.code) == [.silent])
  }

  @Test func `does not start what every user could change`() async throws {
    let catalog = try await load("echo 'HELLO'; cat", mode: 0o757)
    #expect(catalog.failures.map(\.code) == [.unsafe])
  }

  @Test func `reports a plugin that ends at once, and takes a missing folder for an empty one`() async throws
  {
    let catalog = try await load("#", name: "x")
    #expect(catalog.failures.map(\.code) == [.ended])
    let missing = await PluginCatalog.load(
      [PluginFolder(path: "/no/such/folder")],
      starter: SystemProcessStarter(),
      clock: SystemClock(),
      environment: [:]
    )
    #expect(missing.entries.isEmpty && missing.failures.isEmpty)
  }

  @Test func `reports a start that the system refuses`() async throws {
    struct Refusing: ProcessStarter {
      func start(
        _ program: Program,
        started: @escaping @Sendable (Result<any RunningProcess, StartFailure>) -> Void,
        exited: @escaping @Sendable (ProcessExit) -> Void
      ) {
        started(.failure(StartFailure(errno: EAGAIN, description: "no more processes")))
      }
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "earshot-listener-a").path
    #expect(
      FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o700])
    )
    let catalog = await PluginCatalog.load(
      [PluginFolder(path: folder.path)],
      starter: Refusing(),
      clock: SystemClock(),
      environment: [:]
    )
    #expect(catalog.failures.map(\.code) == [.start])
  }
}
