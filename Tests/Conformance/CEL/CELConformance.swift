// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

/// The vectors of google/cel-spec.
///
/// Those that need messages or enumerations of protocol buffers are left out and counted: events are JSON, so there is
/// nothing that such a message could be.
@Suite struct CELConformance {
  @Test(.enabled(if: Vectors.exist(for: "cel"), "no vectors: set EARSHOT_CONFORMANCE"))
  func `gives the value, the error or the type of the specification`() throws {
    var tally = Tally(suite: "cel")
    for file in try Vectors.files(of: "cel") {
      for view in try Vectors.load("cel", file) {
        guard view["tags"]?.elements.contains(where: { $0.string == "proto" }) != true else {
          tally.exclude(because: "needs messages or enumerations of protocol buffers")
          continue
        }
        let problem = CELVector(view).problem
        tally.count(view, passed: problem == nil, problem ?? "")
      }
    }
    tally.report()
  }
}
