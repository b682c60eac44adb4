// SPDX-License-Identifier: Apache-2.0

/// Why a view cannot be kept or asked.
public struct ViewFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: String, Sendable, CaseIterable {
    /// There is no such view, row or database.
    case missing = "view-missing"
    /// The question is not one that SQLite understands.
    case question = "view-question"
    /// The question would do something else than read views.
    case forbidden = "view-forbidden"
    /// The answer would have taken longer than it may.
    case time = "view-time"
    /// The view has not come to a position in time.
    case behind = "view-behind"
    /// The view has stopped at an event that it cannot fold.
    case stopped = "view-stopped"
    /// The database of the views is damaged.
    case corrupt = "view-corrupt"
    /// The disk is full.
    case full = "view-full"
    /// Reading or writing failed.
    case io = "view-io"
    /// The host is ending.
    case closed = "view-closed"
  }

  /// The kind of failure.
  public let code: Code
  /// What happened, in words.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message with its code.
  public var description: String { "\(message) [\(code.rawValue)]" }
}
