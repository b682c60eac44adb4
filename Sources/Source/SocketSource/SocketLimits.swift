// SPDX-License-Identifier: Apache-2.0

/// What one connection may occupy, and how long the end may take.
public struct SocketLimits: Sendable, Hashable {
  /// The longest line in bytes; a longer one is answered with an error and skipped.
  public var line: Int
  /// A connection is not read from while so many bytes of its events and answers are under way.
  public var bytesInFlight: Int
  /// A connection is not read from while so many of its batches are under way.
  public var batchesInFlight: Int
  /// How long answers that are under way are waited for at the end.
  public var grace: Duration

  /// Makes limits.
  public init(
    line: Int = 1 << 20,
    bytesInFlight: Int = 1 << 20,
    batchesInFlight: Int = 16,
    grace: Duration = .seconds(5)
  ) {
    self.line = line
    self.bytesInFlight = bytesInFlight
    self.batchesInFlight = batchesInFlight
    self.grace = grace
  }
}
