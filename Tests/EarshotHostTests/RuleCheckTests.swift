// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EarshotHost
import EventModel
import Foundation
import PluginHost
import Processes
import Rules
import Testing

@Suite struct RuleCheckTests {
  private func inFolder(_ files: [String: String], _ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    try await body(folder.path)
  }

  @Test func `finds rule files at any depth and leaves hidden ones alone`() async throws {
    try await inFolder(["b.yaml": "", "a/c.yml": "", ".git/x.yaml": "", "a/.y.yaml": "", "z.txt": ""]) {
      folder in
      let names = try RuleFiles.read([folder]).map(\.name)
      #expect(names == ["\(folder)/a/c.yml", "\(folder)/b.yaml"])
      let named = try RuleFiles.read([folder + "/z.txt"])
      #expect(named.count == 1)
      #expect(throws: RuleFiles.Failure.self) { try RuleFiles.read([folder + "/none"]) }
    }
  }

  @Test func `does not read rules that every user could change`() async throws {
    try await inFolder(["a.yaml": ""]) { folder in
      let file = folder + "/a.yaml"
      try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file)
      #expect(throws: RuleFiles.Failure.self) { try RuleFiles.read([file]) }
    }
  }

  @Test func `gives mistakes to programs with their places`() async throws {
    let catalog = await PluginCatalog.load(
      [],
      starter: SystemProcessStarter(),
      clock: SystemClock(),
      environment: [:]
    )
    let text = "sources:\n  t: { uses: timer, with: { cron: 61 * * * * } }\n"
    let (rules, bag) = RuleCheck(plugins: catalog).run([RuleFile(name: "t.yaml", bytes: Array(text.utf8))])
    #expect(rules == nil)
    let json = try #require(bag.sorted.first.map(RuleCheck.json))
    #expect(json["code"] == "cron-range" && json["severity"] == "error")
    #expect(
      json["location"] == ["file": "t.yaml", "line": 2, "column": 35, "end_line": 2, "end_column": 45]
    )
  }
}
