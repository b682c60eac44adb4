// SPDX-License-Identifier: Apache-2.0

import DurableLog

/// The ids of the names of a run.
struct RunNames {
  private let texts: (rule: String, revision: String, listener: String)
  let rule: Int64
  let revision: Int64
  let listener: Int64

  init(run: Run, rule: Int64, revision: Int64, listener: Int64) {
    texts = (run.rule, run.revision, run.listener)
    self.rule = rule
    self.revision = revision
    self.listener = listener
  }

  /// Whether these are the names of a run.
  func areThose(of run: Run) -> Bool {
    texts.rule == run.rule && texts.listener == run.listener && texts.revision == run.revision
  }
}
