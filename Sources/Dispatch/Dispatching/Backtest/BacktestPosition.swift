// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Positions in a backtest.
///
/// A recorded event keeps its place, so that both sides speak of it alike; behind it there is room for what rules emit until the
/// next one.
enum BacktestPosition {
  private static let room: Int64 = 1 << 24

  /// How many events may be made behind one recorded event.
  static let most = room - 1

  /// The position of a recorded event.
  static func of(_ recorded: LogPosition) -> LogPosition { LogPosition(rawValue: recorded.rawValue * room) }

  /// The recorded event at a position, or the last one before it.
  static func recorded(_ position: LogPosition) -> LogPosition {
    LogPosition(rawValue: position.rawValue / room)
  }

  /// Whether the event at a position is a recorded one.
  static func isRecorded(_ position: LogPosition) -> Bool { position.rawValue % room == 0 }
}
