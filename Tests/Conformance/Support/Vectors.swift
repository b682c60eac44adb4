// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

/// The directory of conformance vectors, which are never part of this repository.
enum Vectors {
  /// The directory named by `EARSHOT_CONFORMANCE`, by default `../shared/conformance` beside the package.
  static let directory: URL = {
    if let named = ProcessInfo.processInfo.environment["EARSHOT_CONFORMANCE"], !named.isEmpty {
      return URL(filePath: named, directoryHint: .isDirectory)
    }
    return URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../../shared/conformance").standardized
  }()

  /// Whether there are vectors of a suite; the suite's tests are skipped otherwise.
  static func exist(for suite: String) -> Bool {
    FileManager.default.fileExists(atPath: directory.appending(path: suite).path)
  }

  /// The files of a suite that hold vectors, in the order of their names.
  static func files(of suite: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.appending(path: suite).path)
      .filter { $0.hasSuffix(".json") && $0 != "COUNTS.json" }
      .sorted()
  }

  /// The vectors of one file, an array of objects.
  static func load(_ suite: String, _ file: String) throws -> [JSONView] {
    let data = try Data(contentsOf: directory.appending(path: suite).appending(path: file))
    return try JSONDocument(Array(data), limits: .grammar).root.elements
  }
}

/// Counts the vectors of a suite by section, and prints the count and the id of each failure.
struct Tally {
  let suite: String
  private var sections: [String: (passed: Int, total: Int)] = [:]
  private(set) var failures: [String] = []
  private var excluded: [String: Int] = [:]

  init(suite: String) { self.suite = suite }

  mutating func count(_ vector: JSONView, passed: Bool, _ remark: @autoclosure () -> String = "") {
    let section = vector["section"]?.string ?? "all"
    let before = sections[section] ?? (0, 0)
    sections[section] = (before.passed + (passed ? 1 : 0), before.total + 1)
    if !passed { failures.append("\(vector["id"]?.string ?? "?") \(remark())") }
  }

  /// Leaves a vector out, for a reason that is printed with the counts.
  mutating func exclude(because reason: String) { excluded[reason, default: 0] += 1 }

  /// Prints the counts and records an issue when a vector failed or there was none.
  func report() {
    for (section, count) in sections.sorted(by: { $0.key < $1.key }) {
      print("\(suite) \(section) \(count.passed)/\(count.total)")
    }
    let passed = sections.values.reduce(0) { $0 + $1.passed }
    let total = sections.values.reduce(0) { $0 + $1.total }
    let left = excluded.sorted { $0.key < $1.key }.map { "; left out \($0.value): \($0.key)" }.joined()
    print("conformance: \(suite) \(passed) of \(total)\(left)")
    for failure in failures { print("\(suite) failed: \(failure)") }
    #expect(!sections.isEmpty, "the suite holds no vector")
    #expect(failures.isEmpty)
  }
}
