// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
  name: "earshot-fuzz",
  dependencies: [.package(name: "earshot", path: "..")],
  targets: [
    .executableTarget(name: "fuzz", dependencies: [.product(name: "Language", package: "earshot")])
  ],
  swiftLanguageModes: [.v6]
)
