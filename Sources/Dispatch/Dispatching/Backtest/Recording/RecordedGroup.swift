// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Events that were recorded at one time, as both sides are told of them.
struct RecordedGroup: Sendable {
  /// What a listener's action has emitted in the past: it is told only to a side whose rule reacts to its cause, too.
  struct Reply: Sendable {
    /// The rule whose action it was; nil when that is not known.
    let rule: String?
    /// The id of the event to which the rule reacted.
    let cause: Fingerprint
  }

  /// The civil time.
  let recorded: Timestamp
  /// How much time has passed since the group before.
  var elapsed = Duration.zero
  /// By how much the clock was set meanwhile.
  var clockChange = Duration.zero
  var batch = EventBatch()
  /// The positions in the log.
  var positions: [LogPosition] = []
  /// What the only event of the group is, if it is one of those.
  var reply: Reply?
}
