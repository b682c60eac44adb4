// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import Foundation
import Testing

@Suite struct PluginTemplateTests {
  @Test func `names everything after the plugin`() throws {
    let name = try PluginName("OrderMail2")
    #expect(name.plugin == "order-mail2" && name.module == "ListenerOrderMail2")
    #expect(name.executable == "earshot-listener-order-mail2")
  }

  @Test(arguments: [
    ("order-mail", "OrderMail"), ("orderMail", "OrderMail"), ("order_mail", "OrderMail"), ("HTTP", "Http"),
    ("HTTPMail", "HttpMail"), ("Greet", "GreetPlugin"), ("../Mail", "Mail"), ("Mail!", "Mail"),
  ])
  func `suggests a better name`(text: String, better: String) {
    let refusal = #expect(throws: PluginName.Refusal.self) { try PluginName(text) }
    #expect(refusal?.description.contains("'\(better)' would do") == true)
  }

  @Test(arguments: ["", "7", "ß", "-", "/"])
  func `refuses what no name can be made of`(text: String) {
    #expect(throws: PluginName.Refusal.self) { try PluginName(text) }
  }

  @Test func `writes a folder with a listener and its tests`() throws {
    let files = PluginTemplate(try PluginName("OrderMail")).folder
    let sources = try #require(files["Plugins/OrderMail/Sources/OrderMail.swift"])
    let tests = try #require(files["Plugins/OrderMail/Tests/OrderMailTests.swift"])
    #expect(files.count == 2)
    #expect(sources.contains("@main struct OrderMail: Listener {"))
    #expect(tests.contains("@testable import ListenerOrderMail\n"))
    #expect([sources, tests].allSatisfy { $0.hasPrefix("// SPDX-License-Identifier: ") })
    #expect([sources, tests].allSatisfy { $0.hasSuffix("}\n") && !$0.hasSuffix("\n\n") })
  }

  @Test func `writes a package that depends on a path or a URL`() throws {
    let template = PluginTemplate(try PluginName("OrderMail"))
    let near = try #require(template.package(earshot: "/src/my \"shot\"")["Package.swift"])
    #expect(near.contains(#".package(name: "earshot", path: "/src/my \"shot\"")"#))
    #expect(near.contains(#".product(name: "ListenerSDK", package: "earshot")"#))
    let far = try #require(
      template.package(earshot: "https://example.com/team/Ear-Shot.git")["Package.swift"]
    )
    #expect(far.contains(#".package(url: "https://example.com/team/Ear-Shot.git", branch: "main")"#))
    #expect(far.contains(#".product(name: "ListenerTestKit", package: "Ear-Shot")"#))
  }

  @Test func `overwrites nothing, and then writes nothing at all`() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(try NewFiles(["b/c": "old"], in: root).write() == ["\(root)/b/c"])
    #expect(throws: NewFiles.Conflict.self) { try NewFiles(["a": "new", "b/c": "new"], in: root).write() }
    #expect(try String(contentsOfFile: "\(root)/b/c", encoding: .utf8) == "old")
    #expect(!FileManager.default.fileExists(atPath: "\(root)/a"))
  }
}
