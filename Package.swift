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

/// What the file `dependencies` of a plugin folder adds to `ListenerSDK`, for the plugin and its tests.
///
/// A line names a target of this package or a product of another one, as `Product@package`.
func dependencies(_ folder: String) -> [Target.Dependency] {
  let path = "\(Context.packageDirectory)/Plugins/\(folder)/dependencies"
  let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  return text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }.map { line in
    let parts = line.split(separator: "@").map { $0.trimmingCharacters(in: .whitespaces) }
    return parts.count == 2 ? .product(name: parts[0], package: parts[1]) : .target(name: parts[0])
  }
}

/// The products and targets of one plugin folder; `Tests` in it are its tests.
func listener(_ folder: String) -> (product: Product, targets: [Target]) {
  let name = "Listener" + folder
  var targets: [Target] = [
    .executableTarget(
      name: name,
      dependencies: ["ListenerSDK"] + dependencies(folder),
      path: "Plugins/\(folder)/Sources",
      packageAccess: false,
      swiftSettings: settings
    )
  ]
  if FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/Plugins/\(folder)/Tests") {
    targets.append(
      .testTarget(
        name: name + "Tests",
        dependencies: [.target(name: name), "ListenerSDK", "ListenerTestKit"] + dependencies(folder),
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
    .library(name: "ListenerTestKit", targets: ["ListenerTestKit"]),
    // For the benchmarks and fuzz targets, which are packages of their own.
    .library(
      name: "Language",
      targets: [
        "Diagnostics", "EventModel", "EventSources", "Expressions", "Matching", "PluginWire", "Rules",
      ]
    ),
    // For tests, which preload it into hosts.
    .library(name: "FailingCalls", type: .dynamic, targets: ["CFailingCalls"]),
  ] + listeners.map(\.product),
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
  ],
  targets: [
    .target(name: "CSpawn", path: "Sources/Core/CSpawn"),
    module("Core", "Processes", ["CSpawn"]),
    module("Core", "Failpoints"),
    module("Core", "Diagnostics"),
    module("Core", "EventModel"),
    module("Core", "TimeZones", ["EventModel"]),
    module("Source", "FileSource", ["EventModel", "EventSources", "PluginWire", "Processes"]),
    module("Source", "TimerSource", ["EventModel", "EventSources", "PluginWire", "TimeZones"]),
    module(
      "Source",
      "SocketSource",
      [
        "DurableLog", "EventModel", "EventSources", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]
    ),
    module("Source", "CommandSource", ["EventModel", "EventSources", "PluginWire", "Processes"]),
    module("Log", "DurableLog", ["EventModel", "EventSources"]),
    .target(
      name: "CSQLiteSetup",
      path: "Sources/Log/CSQLiteSetup",
      linkerSettings: [.linkedLibrary("sqlite3")]
    ),
    module(
      "Log",
      "SQLiteLog",
      [
        "CSQLiteSetup", "DurableLog", "EventModel", "EventSources", "Failpoints",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]
    ),
    .systemLibrary(
      name: "CYAML",
      path: "Sources/Match/CYAML",
      pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
    ),
    .target(name: "CRE2", path: "Sources/Match/CRE2", linkerSettings: [.linkedLibrary("re2")]),
    module(
      "Match",
      "Expressions",
      ["CRE2", "Diagnostics", "EventModel", "TimeZones", .product(name: "Crypto", package: "swift-crypto")]
    ),
    module("Match", "Matching", ["EventModel"]),
    module("Match", "Timing", ["EventModel"]),
    module(
      "Match",
      "Rules",
      [
        "CYAML", "Diagnostics", "EventModel", "EventSources", "Expressions", "Matching", "PluginWire",
        "Timing",
        .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    module("Listener", "PluginWire", ["EventModel"]),
    module("Listener", "ListenerSDK", ["EventModel", "PluginWire"]),
    module("Listener", "ListenerTestKit", ["ListenerSDK"]),
    module(
      "Dispatch",
      "Dispatching",
      [
        "DurableLog", "EventModel", "EventSources", "Expressions", "Failpoints", "Matching", "PluginWire",
        "Rules", "Timing",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
    module("Dispatch", "PluginHost", ["EventModel", "PluginWire", "Processes", "Rules"]),
    module("Source", "EventSources", ["EventModel"]),
    module(
      "Views",
      "Projections",
      [
        "DurableLog", "EventModel", "Expressions", "Failpoints", "Matching", "Rules",
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]
    ),
    module(
      "Views",
      "Aggregates",
      [
        "DurableLog", "EventModel", "EventSources", "Expressions", "PluginWire", "Rules",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ]
    ),
    module(
      "App",
      "EarshotHost",
      [
        "Aggregates", "CommandSource", "Diagnostics", "Dispatching", "DurableLog", "EventModel",
        "EventSources", "Expressions", "Failpoints", "FileSource",
        "PluginHost", "PluginWire", "Processes", "Projections", "Rules", "SQLiteLog", "SocketSource",
        "TimerSource", "Timing",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]
    ),
    .executableTarget(
      name: "earshot",
      dependencies: [
        "Diagnostics", "Dispatching", "DurableLog", "EarshotHost", "EventModel", "PluginHost", "PluginWire",
        "Processes", "Rules",
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
    tests("FileSourceTests", ["DurableLog", "EventModel", "EventSources", "FaultTesting", "FileSource"]),
    tests("TimerSourceTests", ["DurableLog", "EventModel", "EventSources", "TimerSource"]),
    tests("SocketSourceTests", ["DurableLog", "EventModel", "EventSources", "SocketSource"]),
    tests(
      "CommandSourceTests",
      ["CommandSource", "EventModel", "EventSources", "FaultTesting", "Processes"]
    ),
    tests("ProcessesTests", ["Processes"]),
    tests("DiagnosticsTests", ["Diagnostics"]),
    tests("EventModelTests", ["EventModel"]),
    tests("ExpressionsTests", ["EventModel", "Expressions"]),
    tests("MatchingTests", ["EventModel", "Matching"]),
    tests("TimingTests", ["EventModel", "Timing"]),
    tests(
      "RulesTests",
      ["Diagnostics", "EventModel", "EventSources", "Expressions", "PluginWire", "Rules"],
      exclude: ["Golden"]
    ),
    tests("Conformance", ["EventModel", "Expressions", "Matching", "Rules", "TimeZones", "TimerSource"]),
    testSupport("FaultTesting", []),
    testSupport("LogConformance", ["DurableLog", "EventModel", "EventSources"]),
    tests("DurableLogTests", ["DurableLog", "EventModel", "LogConformance"]),
    .target(
      name: "CWatchedStorage",
      path: "Tests/Support/CWatchedStorage",
      linkerSettings: [.linkedLibrary("sqlite3")]
    ),
    tests(
      "SQLiteLogTests",
      [
        "CWatchedStorage", "DurableLog", "EventModel", "EventSources", "FaultTesting", "LogConformance",
        "SQLiteLog",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]
    ),
    tests(
      "DispatchingTests",
      [
        "Diagnostics", "Dispatching", "DurableLog", "EventModel", "EventSources", "Expressions", "PluginWire",
        "Rules",
      ]
    ),
    tests(
      "Simulation",
      [
        "Diagnostics", "Dispatching", "DurableLog", "EventModel", "EventSources", "Expressions",
        "FaultTesting",
        "PluginWire", "Rules",
      ]
    ),
    tests(
      "ProjectionsTests",
      [
        "DurableLog", "EventModel", "EventSources", "Expressions", "LogConformance", "PluginWire",
        "Projections", "Rules",
      ]
    ),
    tests(
      "PluginHostTests",
      ["EventModel", "FaultTesting", "PluginHost", "PluginWire", "Processes", "Rules"]
    ),
    tests(
      "AggregatesTests",
      [
        "Aggregates", "Diagnostics", "Dispatching", "DurableLog", "EventModel", "EventSources", "Expressions",
        "FaultTesting", "PluginWire", "Rules", "SQLiteLog",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]
    ),
    tests("PluginWireTests", ["PluginWire"]),
    tests("ListenerSDKTests", ["EventModel", "ListenerSDK", "ListenerTestKit", "PluginWire"]),
    tests(
      "EarshotHostTests",
      [
        "Diagnostics", "DurableLog", "EarshotHost", "EventModel", "EventSources", "FaultTesting",
        "LogConformance",
        "PluginHost",
        "PluginWire", "Processes", "Rules", "SQLiteLog",
      ]
    ),
    .target(name: "CFailingCalls", path: "Tests/Support/CFailingCalls"),
    tests(
      "EndToEnd",
      ["EarshotHost", "EventModel", "Failpoints", "FaultTesting", "Processes", "earshot"]
    ),
  ] + listeners.flatMap(\.targets),
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
