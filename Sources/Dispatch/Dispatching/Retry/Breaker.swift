// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Notices that the attempts of a lane fail one after another, and then leaves it alone for a while.
///
///     closed ─so many failures in a row→ open ─pause over→ probing ─success→ closed
///                                                          probing ─failure→ open, twice as long
///
/// While it is open nothing is attempted, so nothing that waits uses up its attempts on a listener that is down. A pure
/// value.
struct Breaker: Sendable, Hashable {
  /// When a breaker opens, and for how long.
  struct Settings: Sendable, Hashable {
    /// After how many failures in a row.
    var failures = 10
    /// The first pause.
    var pause = Duration.seconds(30)
  }

  enum Phase: Sendable, Hashable {
    case closed
    case open(until: Timestamp)
    /// One attempt is made, by which it is decided.
    case probing
  }

  /// What has changed.
  enum Change: Sendable, Hashable {
    /// Nothing is attempted until then.
    case opened(until: Timestamp)
    /// Attempts are made as ever.
    case closed
  }

  /// The longest pause.
  static let longestPause = Duration.seconds(600)
  /// How many messages are kept as evidence.
  static let evidenceLimit = 5

  private(set) var phase = Phase.closed
  /// How many attempts have failed since the last success.
  private(set) var failures = 0
  /// When the first of them failed.
  private(set) var since: Timestamp?
  /// What the last of them said.
  private(set) var evidence: [String] = []
  private var pauses = 0

  /// Whether it has nothing to remember.
  var isIdle: Bool { self == Breaker() }

  /// Notes a success.
  mutating func succeed() -> Change? {
    let wasClosed = phase == .closed
    // What was under way when it opened says nothing of how things are now.
    if case .open = phase { return nil }
    self = Breaker()
    return wasClosed ? nil : .closed
  }

  /// Notes a failure.
  mutating func fail(_ message: String, at now: Timestamp, _ settings: Settings) -> Change? {
    failures += 1
    since = since ?? now
    evidence = evidence.suffix(Self.evidenceLimit - 1) + [message]
    switch phase {
    case .open: return nil
    case .closed where failures < settings.failures: return nil
    case .closed, .probing:
      let pause = min(settings.pause * (1 << min(pauses, 20)), Self.longestPause)
      pauses += 1
      phase = .open(until: now + pause)
      return .opened(until: now + pause)
    }
  }

  /// Lets one attempt be made if the pause is over; says whether it may.
  mutating func probe(at now: Timestamp) -> Bool {
    guard case .open(let until) = phase, until <= now else { return false }
    phase = .probing
    return true
  }
}
