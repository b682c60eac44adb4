// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files of a new plugin.
public struct PluginTemplate: Sendable {
  private let name: PluginName

  /// Makes the template of a plugin.
  public init(_ name: PluginName) { self.name = name }

  /// The files of a folder in `Plugins/`, by their paths from the root of the repository.
  public var folder: [String: String] {
    let root = "Plugins/\(name.type)"
    let licence = "// SPDX-License-Identifier: Apache-2.0\n\n"
    return [
      "\(root)/Sources/\(name.type).swift": licence + listener,
      "\(root)/Tests/\(name.type)Tests.swift": licence + tests,
    ]
  }

  /// The files of a package of its own, by their paths from its root.
  ///
  /// `earshot` is the path or the URL of the package that has the `ListenerSDK`.
  public func package(earshot: String) -> [String: String] {
    [
      "Package.swift": manifest(earshot), ".gitignore": ".build/\n",
      "Sources/\(name.type).swift": listener, "Tests/\(name.type)Tests.swift": tests,
    ]
  }

  private var listener: String {
    """
    import ListenerSDK

    @main struct \(name.type): Listener {
      static let actions = [
        action("greet", Greet.self, summary: "Makes a greeting.", effects: .none)
      ]
    }

    /// Makes a greeting; the stored properties are the parameters that a rule gives.
    struct Greet: Action {
      let name: String

      func run(_ context: ActionContext) async throws -> ActionResult {
        .output("Hello, \\(name)!")
      }
    }

    """
  }

  private var tests: String {
    """
    import ListenerTestKit
    import Testing

    @testable import \(name.module)

    @Suite struct \(name.type)Tests {
      @Test func `is a listener like every other`() async {
        #expect(await ListenerConformance.problems(of: \(name.type).self) == [])
      }

      @Test func `greets by name`() async throws {
        let kit = ListenerTest(\(name.type).self)
        let reply = try await kit.run("greet", ["name": "Ada"])
        #expect(reply.output == "Hello, Ada!")
      }
    }

    """
  }

  private func manifest(_ earshot: String) -> String {
    let isRemote = earshot.contains("://") || earshot.hasPrefix("git@")
    let identity = isRemote ? Self.identity(earshot) : "earshot"
    let source =
      isRemote ? "url: \(quoted(earshot)), branch: \"main\"" : "name: \"earshot\", path: \(quoted(earshot))"
    return """
      // swift-tools-version: 6.2

      import PackageDescription

      let package = Package(
        name: "\(name.executable)",
        products: [
          .executable(name: "\(name.executable)", targets: ["\(name.module)"])
        ],
        dependencies: [
          .package(\(source))
        ],
        targets: [
          .executableTarget(
            name: "\(name.module)",
            dependencies: [.product(name: "ListenerSDK", package: "\(identity)")],
            path: "Sources"
          ),
          .testTarget(
            name: "\(name.module)Tests",
            dependencies: ["\(name.module)", .product(name: "ListenerTestKit", package: "\(identity)")],
            path: "Tests"
          ),
        ]
      )

      """
  }

  /// The name that SwiftPM gives a package at a URL.
  private static func identity(_ url: String) -> String {
    let last = url.split(whereSeparator: { $0 == "/" || $0 == ":" }).last.map(String.init) ?? ""
    return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
  }

  private func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
