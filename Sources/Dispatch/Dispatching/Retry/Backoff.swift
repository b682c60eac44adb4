// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How often and how far apart a failed step is tried again.
///
/// The pause before attempt n+1 is `initial · factor^(n-1)`, at most `maximum`, then moved by up to
/// `jitter` of itself in either direction so that what failed together does not come back together.
public struct Backoff: Sendable, Hashable {
  /// The number of attempts in all; 1 means that nothing is tried again.
  public var attempts: Int
  /// The pause after the first failed attempt.
  public var initial: Duration
  /// What each further pause is multiplied with; at least 1.
  public var factor: Double
  /// The longest pause before jitter.
  public var maximum: Duration
  /// The share of a pause by which it may be moved, 0 to 1.
  public var jitter: Double

  /// Makes a policy.
  public init(attempts: Int, initial: Duration, factor: Double, maximum: Duration, jitter: Double) {
    precondition(attempts >= 1, "there is always a first attempt")
    precondition(factor >= 1 && jitter >= 0 && jitter <= 1, "factor or jitter out of range")
    self.attempts = attempts
    self.initial = initial
    self.factor = factor
    self.maximum = maximum
    self.jitter = jitter
  }

  /// The policy of steps that name none: five attempts over some fifteen seconds.
  public static let standard = Backoff(
    attempts: 5,
    initial: .seconds(1),
    factor: 2,
    maximum: .seconds(100),
    jitter: 0.2
  )

  /// The pause after `attempt` (counted from 1) failed, or nil when no attempt is left.
  ///
  /// A listener's own wish (`retry` with a time) takes the place of the computed pause, but not of the limit
  /// on attempts.
  public func pause(
    after attempt: Int,
    wish: Duration? = nil,
    using random: inout some RandomNumberGenerator
  ) -> Duration? {
    guard attempt < attempts else { return nil }
    if let wish { return max(wish, .zero) }
    var pause = min(Self.seconds(initial) * pow(factor, Double(attempt - 1)), Self.seconds(maximum))
    if jitter > 0 { pause *= 1 + Double.random(in: -jitter...jitter, using: &random) }
    // The log knows no shorter time; what is due between two of its instants would come and not be due.
    return .microseconds(Int64(pause * 1e6))
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
