// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
  name: "earshot-benchmarks",
  dependencies: [.package(name: "earshot", path: "..")],
  targets: [
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "BenchSupport", dependencies: ["CSQLite"]),
    .executableTarget(name: "PipelineBench", dependencies: ["BenchSupport"]),
    .executableTarget(
      name: "MatchBench",
      dependencies: [.product(name: "Language", package: "earshot")]
    ),
    .executableTarget(
      name: "ExpressionBench",
      dependencies: [.product(name: "Language", package: "earshot")]
    ),
    .executableTarget(name: "FileBench", dependencies: ["BenchSupport"]),
    .executableTarget(name: "IdleBench", dependencies: ["BenchSupport"]),
    .executableTarget(name: "StartBench", dependencies: ["BenchSupport"]),
    .executableTarget(name: "LatencyBench", dependencies: ["BenchSupport"]),
    .executableTarget(name: "BacklogBench", dependencies: ["BenchSupport"]),
    .executableTarget(name: "WindowBench", dependencies: ["BenchSupport"]),
    .executableTarget(name: "StepsBench", dependencies: ["BenchSupport"]),
    .executableTarget(name: "AggregateBench", dependencies: ["BenchSupport"]),
    .executableTarget(name: "ViewBench", dependencies: ["BenchSupport"]),
    .executableTarget(name: "BareWatcher"),
    .executableTarget(name: "Stamp"),
    .executableTarget(name: "earshot-listener-null", path: "Sources/NullListener"),
  ],
  swiftLanguageModes: [.v6]
)
