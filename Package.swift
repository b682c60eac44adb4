// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackageDescription

/// Settings of every target: Swift 6, warnings are errors, the strict upcoming features.
let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]

/// A library target in `Sources/<stage>/<name>`.
func module(_ stage: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name,
    dependencies: dependencies,
    path: "Sources/\(stage)/\(name)",
    swiftSettings: settings
  )
}

/// A library target that only tests use, in `Tests/Support/<name>`.
func testSupport(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: "Tests/Support/\(name)", swiftSettings: settings)
}

/// A test target in `Tests/<name>`.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name,
    dependencies: dependencies,
    path: "Tests/\(name)",
    exclude: exclude,
    swiftSettings: settings
  )
}

/// The folders of `Plugins/`, each of them one listener.
///
/// Evaluated manifests are cached by their text and environment, not by what folders there are. `make` puts the
/// folders' names into `EARSHOT_PLUGINS`, so a new folder makes for a new key; the guard plugin notices a build
/// that went another way.
let pluginFolders: [String] = {
  _ = Context.environment["EARSHOT_PLUGINS"]
  let root = Context.packageDirectory + "/Plugins"
  let folders = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
  return folders.filter { FileManager.default.fileExists(atPath: "\(root)/\($0)/Sources") }.sorted()
}()

/// `OrderMail` becomes `order-mail`.
func kebabCase(_ name: String) -> String {
  name.reduce(into: "") { result, character in
    if character.isUppercase && !result.isEmpty { result += "-" }
    result += character.lowercased()
  }
}

/// The products and targets of one plugin folder; `Tests` in it are its tests.
func listener(_ folder: String) -> (product: Product, targets: [Target]) {
  let name = "Listener" + folder
  var targets: [Target] = [
    .executableTarget(
      name: name,
      dependencies: ["ListenerSDK"],
      path: "Plugins/\(folder)/Sources",
      packageAccess: false,
      swiftSettings: settings
    )
  ]
  if FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/Plugins/\(folder)/Tests") {
    targets.append(
      .testTarget(
        name: name + "Tests",
        dependencies: [.target(name: name), "ListenerSDK"],
        path: "Plugins/\(folder)/Tests",
        swiftSettings: settings
      )
    )
  }
  return (.executable(name: "earshot-listener-" + kebabCase(folder), targets: [name]), targets)
}

let listeners = pluginFolders.map(listener)

let package = Package(
  name: "earshot",
  products: [
    .executable(name: "earshot", targets: ["earshot"]),
    .library(name: "ListenerSDK", targets: ["ListenerSDK"]),
  ] + listeners.map(\.product),
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .target(name: "CSpawn", path: "Sources/Core/CSpawn"),
    module("Core", "Processes", ["CSpawn"]),
    module("Core", "Diagnostics"),
    module("Core", "EventModel"),
    module("Source", "FileSource", ["EventModel", "EventSources", "PluginWire"]),
    module("Source", "TimerSource", ["EventModel", "EventSources", "PluginWire"]),
    module("Log", "DurableLog", ["EventModel", "EventSources"]),
    module(
      "Log",
      "SQLiteLog",
      [
        "DurableLog", "EventModel", "EventSources", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]
    ),
    .systemLibrary(
      name: "CYAML",
      path: "Sources/Match/CYAML",
      pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
    ),
    module("Match", "Expressions", ["EventModel"]),
    module("Match", "Matching", ["EventModel"]),
    module(
      "Match",
      "Rules",
      [
        "CYAML", "Diagnostics", "EventModel", "EventSources", "Expressions", "Matching", "PluginWire",
        .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    module("Listener", "PluginWire", ["EventModel"]),
    module("Listener", "ListenerSDK", ["EventModel", "PluginWire"]),
    module(
      "Dispatch",
      "Dispatching",
      [
        "DurableLog", "EventModel", "Matching", "Rules",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    module("Dispatch", "PluginHost", ["EventModel", "PluginWire", "Processes", "Rules"]),
    module("Source", "EventSources", ["EventModel"]),
    module(
      "App",
      "EarshotHost",
      [
        "Diagnostics", "DurableLog", "EventModel", "EventSources", "FileSource", "PluginHost", "PluginWire",
        "Processes", "Rules", "SQLiteLog",
        "TimerSource",
      ]
    ),
    .executableTarget(
      name: "earshot",
      dependencies: [
        "Diagnostics", "DurableLog", "EarshotHost", "EventModel", "PluginHost", "PluginWire", "Processes",
        "Rules",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/App/earshot",
      swiftSettings: settings,
      plugins: ["PluginFolderGuard"]
    ),
    .plugin(
      name: "PluginFolderGuard",
      capability: .buildTool(),
      path: "Sources/Build/PluginFolderGuard"
    ),
    tests("FileSourceTests", ["DurableLog", "EventModel", "EventSources", "FileSource"]),
    tests("TimerSourceTests", ["DurableLog", "EventModel", "EventSources", "TimerSource"]),
    tests("ProcessesTests", ["Processes"]),
    tests("DiagnosticsTests", ["Diagnostics"]),
    tests("EventModelTests", ["EventModel"]),
    tests("ExpressionsTests", ["EventModel", "Expressions"]),
    tests(
      "RulesTests",
      ["Diagnostics", "EventModel", "EventSources", "Expressions", "PluginWire", "Rules"],
      exclude: ["Golden"]
    ),
    tests("Conformance", ["EventModel", "Matching", "Rules", "TimerSource"]),
    testSupport("LogConformance", ["DurableLog", "EventModel", "EventSources"]),
    tests("DurableLogTests", ["DurableLog", "EventModel", "LogConformance"]),
    tests(
      "SQLiteLogTests",
      [
        "DurableLog", "EventModel", "EventSources", "LogConformance", "SQLiteLog",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]
    ),
    tests(
      "DispatchingTests",
      ["Dispatching", "DurableLog", "EventModel", "EventSources", "PluginWire", "Rules"]
    ),
    tests("PluginHostTests", ["EventModel", "PluginHost", "PluginWire", "Processes", "Rules"]),
    tests("PluginWireTests", ["PluginWire"]),
    tests("ListenerSDKTests", ["EventModel", "ListenerSDK", "PluginWire"]),
    tests(
      "EarshotHostTests",
      ["Diagnostics", "EarshotHost", "EventModel", "PluginHost", "Processes", "Rules"]
    ),
  ] + listeners.flatMap(\.targets),
  swiftLanguageModes: [.v6]
)
