// SPDX-License-Identifier: Apache-2.0

/// Why the log could not do what it was asked.
public struct LogFailure: Error, Hashable, Sendable {
  /// The kinds of failure.
  public enum Code: String, Sendable, CaseIterable {
    /// The disk is full; the change was not committed, the log stays usable.
    case full = "log-full"
    /// Reading or writing failed; the log takes nothing more until it is opened again.
    case io = "log-io"
    /// The log's locks cannot be had, though nobody else may have them: it neither reads nor writes until it is opened again.
    case locks = "log-locks"
    /// What was read is not what was written.
    case corrupt = "log-corrupt"
    /// Another host has the log open.
    case alreadyOpen = "log-already-open"
    /// The log was written by a newer version.
    case newerSchema = "log-newer-schema"
    /// The log was written by an older version, and is brought to the present one when a host opens it.
    case olderSchema = "log-older-schema"
    /// The log has been closed.
    case closed = "log-closed"
    /// There is no log at that path.
    case missing = "log-missing"
  }

  /// The kind of failure.
  public let code: Code
  /// What happened, in words.
  public let message: String

  /// Makes a failure.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Whether the log takes no further change after this.
  public var isFatal: Bool { code == .io || code == .locks || code == .corrupt || code == .closed }

  /// Whether a read that has failed with this may succeed another time; what looks damaged may be a disk that failed once.
  public var mayPass: Bool { code == .io || code == .full || code == .corrupt }
}

extension LogFailure: CustomStringConvertible {
  /// The message with its code.
  public var description: String { "\(message) [\(code.rawValue)]" }
}
