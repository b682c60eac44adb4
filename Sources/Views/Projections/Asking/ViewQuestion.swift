// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A question to the views in SQL.
public struct ViewQuestion: Sendable, Hashable {
  /// How many rows an answer has when nothing is said, and how many at most.
  public static let limits = (standard: 1000, greatest: 100_000)
  /// How long an answer may take when nothing is said, and how long at most.
  public static let timeouts = (standard: Duration.seconds(5), greatest: Duration.seconds(60))

  /// One `SELECT`.
  public var sql: String
  /// How many rows are wanted at most.
  public var limit: Int
  /// How long the answer may take, waiting for the views included.
  public var timeout: Duration
  /// The event that the views must have folded; nil for wherever they are.
  public var position: LogPosition?

  /// Asks a question.
  public init(
    _ sql: String,
    limit: Int = limits.standard,
    timeout: Duration = timeouts.standard,
    position: LogPosition? = nil
  ) {
    self.sql = sql
    self.limit = min(max(limit, 1), Self.limits.greatest)
    self.timeout = min(timeout, Self.timeouts.greatest)
    self.position = position
  }
}

/// The answer to a question.
public struct ViewAnswer: Sendable, Hashable {
  /// The names of the columns.
  public let columns: [String]
  /// The rows; each has a value for each column.
  public let rows: [[JSONValue]]
  /// Whether there are more rows than were wanted, or than fit into an answer.
  public let isCut: Bool
  /// The views that were read, with the events up to which their rows are made.
  public let positions: [String: LogPosition]
}
