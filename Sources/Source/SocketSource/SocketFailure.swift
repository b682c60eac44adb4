// SPDX-License-Identifier: Apache-2.0

/// Why a socket could not be opened.
public struct SocketFailure: Error, Hashable, Sendable {
  /// The kinds of failure.
  public enum Code: String, Sendable, CaseIterable {
    /// The path is longer than the system allows for a socket.
    case pathTooLong = "socket-path-too-long"
    /// The folder can be changed by others or belongs to another user.
    case unsafeFolder = "socket-unsafe-folder"
    /// Something that is no socket is at the path.
    case notASocket = "socket-not-a-socket"
    /// Another process accepts connections at the path.
    case inUse = "socket-in-use"
    /// The system refused.
    case io = "socket-io"
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
}

extension SocketFailure: CustomStringConvertible {
  /// The message with its code.
  public var description: String { "\(message) [\(code.rawValue)]" }
}
