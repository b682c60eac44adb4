// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The events that rules have emitted in the past, by what they followed from.
///
/// Whoever emits such an event anew finds the recorded one, so that it has the same id, and what was done with it is found.
/// Knows the events of some pages before and behind the place at which a backtest is.
struct Counterparts: Sendable {
  /// A recorded event.
  struct Recorded: Sendable {
    let position: LogPosition
    /// Its id, as a batch holds it.
    let id: [UInt8]
  }

  private static let pages = 16

  private var known: [Fingerprint: Recorded] = [:]
  private var order: [[Fingerprint]] = []

  /// Names the n-th event of a type and source that followed from an event.
  static func name(
    cause: Fingerprint,
    source: some Sequence<UInt8>,
    type: some Sequence<UInt8>,
    _ count: Int
  ) -> Fingerprint {
    cause.with(Fingerprint(source)).with(Fingerprint(type)).with(Fingerprint(Int64(count)))
  }

  /// Begins a page, and forgets the oldest one if there are too many.
  mutating func beginPage() {
    order.append([])
    guard order.count > Self.pages else { return }
    for name in order.removeFirst() { known[name] = nil }
  }

  /// Notes an event, as the next one of its name.
  mutating func note(
    cause: Fingerprint,
    source: some Collection<UInt8>,
    type: some Collection<UInt8>,
    _ recorded: Recorded
  ) {
    var count = 0
    var name = Self.name(cause: cause, source: source, type: type, count)
    while known[name] != nil {
      count += 1
      name = Self.name(cause: cause, source: source, type: type, count)
    }
    known[name] = recorded
    order[order.count - 1].append(name)
  }

  subscript(name: Fingerprint) -> Recorded? { known[name] }
}
