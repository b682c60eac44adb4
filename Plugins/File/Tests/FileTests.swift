// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerTestKit
import Testing

@testable import ListenerFile

@Suite struct FileTests {
  private let root: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    root = folder.resolvingSymlinksInPath().path
  }

  /// What the plugin answers to one request, whose paths lie in the allowed folder.
  private func answer(_ action: String, _ with: JSONValue, attempt: Int = 1) async throws -> ListenerReply {
    let settings: JSONValue = ["roots": [.string(root)]]
    return try await ListenerTest(File.self, settings: settings).run(action, with, attempt: attempt)
  }

  private func content(_ name: String) -> String? {
    try? String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)
  }

  @Test func `is a listener like every other`() async {
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(await ListenerConformance.problems(of: File.self) == [])
  }

  @Test func `writes, appends, copies and moves`() async throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    _ = try await answer("write", ["path": "\(root)/a", "content": "one"])
    _ = try await answer("append", ["path": "\(root)/a", "content": " two"])
    _ = try await answer("copy", ["from": "\(root)/a", "to": "\(root)/b"])
    #expect(content("a") == "one two" && content("b") == "one two")
    _ = try await answer("move", ["from": "\(root)/b", "to": "\(root)/c"])
    #expect(content("b") == nil && content("c") == "one two")
    #expect(try FileManager.default.contentsOfDirectory(atPath: root).sorted() == ["a", "c"])
  }

  @Test func `keeps what is there when a file is moved, and takes a repetition for done`() async throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    _ = try await answer("write", ["path": "\(root)/a", "content": "a"])
    _ = try await answer("write", ["path": "\(root)/b", "content": "b"])
    #expect(try await answer("move", ["from": "\(root)/a", "to": "\(root)/b"]).failure != nil)
    #expect(content("a") == "a" && content("b") == "b")
    #expect(try await answer("move", ["from": "\(root)/gone", "to": "\(root)/b"]).failure != nil)
    #expect(try await answer("move", ["from": "\(root)/gone", "to": "\(root)/b"], attempt: 2).failure == nil)
  }

  @Test(arguments: ["/etc/x", "/root/../x", "x", "/root/link/x", "/root/alias", "/rootx/y", "/root/."])
  func `touches nothing outside its roots`(path: String) async throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createSymbolicLink(atPath: "\(root)/link", withDestinationPath: "/tmp")
    try FileManager.default.createSymbolicLink(atPath: "\(root)/alias", withDestinationPath: "/tmp/x")
    let path = path.replacing("/root", with: root)
    #expect(try await answer("write", ["path": .string(path), "content": "x"]).failure != nil)
  }

  @Test func `gives files of one name different places in the trash`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let can = TrashCan(folder: root + "/Trash")
    let now = Date(timeIntervalSince1970: 0)
    for text in ["one", "two"] {
      try text.write(toFile: root + "/a b", atomically: true, encoding: .utf8)
      _ = try can.take(root + "/a b", now: now)
    }
    #expect(content("Trash/files/a b") == "one" && content("Trash/files/a b.1") == "two")
    #expect(content("Trash/info/a b.trashinfo")?.contains("Path=\(root)/a%20b\n") == true)
  }
}
