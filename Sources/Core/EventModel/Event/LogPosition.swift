// SPDX-License-Identifier: Apache-2.0

/// The place of an event in the log: 1 for the first event, then dense and ascending.
public struct LogPosition: RawRepresentable, Hashable, Comparable, Sendable, Codable {
  /// The position as a number; 0 stands for the place before the first event.
  public let rawValue: Int64

  /// The place before the first event.
  public static let start = LogPosition(rawValue: 0)

  /// Makes a position from its number.
  public init(rawValue: Int64) { self.rawValue = rawValue }

  /// The position that follows this one.
  public var next: LogPosition { LogPosition(rawValue: rawValue + 1) }

  /// Orders positions by their place in the log.
  public static func < (left: LogPosition, right: LogPosition) -> Bool { left.rawValue < right.rawValue }
}

extension LogPosition: CustomStringConvertible {
  /// The number in decimal.
  public var description: String { String(rawValue) }
}
