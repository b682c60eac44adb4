// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// That a rule has fired on one side, and what it did.
struct RuleFiring: Sendable {
  /// Something that it did.
  struct Deed: Sendable {
    /// The id of the step, behind that of its rule if that is one which was called.
    let step: String
    let kind: BacktestReport.DeedKind
    /// What was done: the parameters, the event or a reason, a JSON value.
    let value: [UInt8]
    /// How long after the firing.
    let offset: Duration
  }

  /// How many deeds are kept for examples.
  private static let mostDeeds = 20

  let rule: String
  /// What stands for the firing on both sides: the rule and its events.
  let key: Fingerprint
  /// The recorded event that it goes back to.
  let root: LogPosition
  /// Its events, in the positions of the backtest; and those that were made.
  let positions: [LogPosition]
  let made: [MadeEvents.Event?]
  /// How long after its event.
  let delay: Duration
  /// In civil time.
  let began: Timestamp
  private(set) var deeds: [Deed] = []
  private(set) var omittedDeeds = 0
  /// How its run ended, or stands.
  private(set) var state = RunState.pending
  private var doings = Fingerprint(0)
  private var counts: [RunID: Int64] = [:]

  init(
    of rule: String,
    _ key: Fingerprint,
    root: LogPosition,
    positions: [LogPosition],
    made: [MadeEvents.Event?],
    delay: Duration,
    began: Timestamp
  ) {
    self.rule = rule
    self.key = key
    self.root = root
    self.positions = positions
    self.made = made
    self.delay = delay
    self.began = began
  }

  /// Notes something that its run did, or one of the run's branches, which has a name of its own on both sides.
  mutating func note(_ deed: Deed, by run: RunID, named name: Fingerprint) {
    let place = counts[run, default: 0]
    counts[run] = place + 1
    var print = name.with(Fingerprint(place)).with(Fingerprint(deed.step)).with(
      Fingerprint(deed.kind.rawValue)
    )
    print = print.with(Fingerprint(deed.value)).with(Fingerprint(deed.offset.microseconds))
    // Branches go on side by side, in whatever order.
    doings = doings.and(print)
    guard deeds.count < Self.mostDeeds else { return omittedDeeds += 1 }
    deeds.append(deed)
  }

  /// Notes how its run stands.
  mutating func end(as state: RunState) { self.state = state }

  /// What stands for all that the other side must do alike.
  var conduct: Fingerprint {
    doings.with(Fingerprint(delay.microseconds)).with(Fingerprint(Int64(state.rawValue)))
  }
}

extension Duration {
  var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
