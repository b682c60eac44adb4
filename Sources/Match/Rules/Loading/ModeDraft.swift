// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Expressions

/// What of a rule says how its runs get along, as written.
struct ModeDraft {
  var kind: RunMode.Kind?
  var max: (count: Int, range: Range<Int>)?
  var exceeded: (policy: RunMode.Exceeded, range: Range<Int>)?
  var by: YAMLNode?
  /// The rule with which one is to be compared that is a shadow.
  var shadows: (rule: String, range: Range<Int>)?

  /// The mode; nil after a report.
  func mode(_ reader: inout NodeReader) -> RunMode? {
    let key = KeyReader.key(by, &reader)
    if case .some(nil) = key { return nil }
    var mode = RunMode()
    mode.kind = kind ?? .parallel
    mode.max = max?.count
    mode.exceeded = exceeded?.policy ?? .skip
    mode.by = key ?? nil
    return checked(mode, &reader)
  }

  /// Tells of what is said without any effect.
  private func checked(_ mode: RunMode, _ reader: inout NodeReader) -> RunMode? {
    var problems: [(message: String, range: Range<Int>)] = []
    if let max, [.single, .restart, .shadow].contains(mode.kind) {
      problems.append(("'max' belongs to the modes queued and parallel", max.range))
    }
    let isUnlimited = mode.kind == .restart || mode.kind == .queued && mode.max == nil
    if let shadows, mode.kind != .shadow {
      problems.append(("'shadows' belongs to the mode shadow", shadows.range))
    }
    if let exceeded, mode.isFree || mode.kind == .shadow || isUnlimited {
      problems.append(("'max_exceeded' belongs to a mode with a limit", exceeded.range))
    }
    if let by, mode.isFree || mode.kind == .shadow {
      problems.append(("'mode_by' belongs to the modes single, restart and queued, or to a 'max'", by.range))
    }
    for problem in problems { reader.report(.combination, problem.message, at: problem.range) }
    return problems.isEmpty ? mode : nil
  }
}
