// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

/// JSON parsing vectors (RFC 8259).
///
/// What the grammar leaves open is decided so: numbers of any size are accepted as text; lone surrogates,
/// invalid UTF-8, UTF-16 and a byte order mark are refused; nesting up to 512 is accepted.
@Suite struct JSONConformance {
  @Test(.enabled(if: Vectors.exist(for: "json"), "no vectors: set EARSHOT_CONFORMANCE"))
  func `accepts and refuses what RFC 8259 says`() throws {
    var tally = Tally(suite: "json")
    for vector in try Vectors.load("json", "parsing.json") {
      let text = try Self.text(of: vector)
      let outcome = Result { try JSONDocument(text, limits: .grammar) }
      let isAccepted = if case .success = outcome { true } else { false }
      switch vector["expect"]?.string {
      case "accept": tally.count(vector, passed: isAccepted, "\(outcome)")
      case "reject": tally.count(vector, passed: !isAccepted, "was accepted")
      default: tally.count(vector, passed: isAccepted == Self.isAcceptedByDecision(vector), "\(isAccepted)")
      }
    }
    tally.report()
  }

  private static func text(of vector: JSONView) throws -> [UInt8] {
    if let recipe = vector["generate"] {
      let unit = recipe["repeat"]?.string ?? ""
      return Array(
        (String(repeating: unit, count: recipe["count"]?.int ?? 0) + (recipe["append"]?.string ?? "")).utf8
      )
    }
    return Array(try #require(Data(base64Encoded: vector["bytes_b64"]?.string ?? "")))
  }

  /// The documented decisions about vectors on which the grammar is silent.
  private static func isAcceptedByDecision(_ vector: JSONView) -> Bool {
    switch vector["section"]?.string {
    case "i_number", "transform":
      !(vector["id"]?.string ?? "").contains("surrogate") && !(vector["id"]?.string ?? "").contains("invalid")
    case "i_structure": vector["id"]?.string == "i_structure_500_nested_arrays"
    default: false
    }
  }
}
