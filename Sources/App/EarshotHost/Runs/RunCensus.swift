// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// How many runs are under way, by the revision of the rules under which they were made and will finish.
struct RunCensus {
  private(set) var counts: [String: Int] = [:]

  /// Counts them, a page at a time.
  init(_ log: any LogReading) throws {
    let open = Set(RunState.allCases.filter(\.isOpen))
    var after = RunID.start
    while true {
      let page = try log.runs(after: after, states: open, limit: 1000)
      for run in page where run.branch == nil { counts[run.revision, default: 0] += 1 }
      guard let last = page.last, page.count == 1000 else { return }
      after = last.id
    }
  }

  /// What there is to say of runs that go on under other rules than the present ones.
  func lines(besides present: String) -> [String] {
    counts.filter { $0.key != present }.sorted { $0.key < $1.key }.map { revision, count in
      count == 1
        ? "1 run goes on under revision \(revision)" : "\(count) runs go on under revision \(revision)"
    }
  }

  /// The counts as programs read them.
  var json: JSONValue {
    .object(counts.sorted { $0.key < $1.key }.map { .init($0.key, .number("\($0.value)")) })
  }
}
