// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// A child process leads a process group of its own, inherits three descriptors and nothing else, and has the
// environment that it is given and no other. The thread that starts it also waits for it, for as long as it
// lives. On Linux the kernel ends the child when that thread is gone, and so when this process is, however it
// ends. When the leader of the group has ended, the rest of its group is ended too.
//
// `ProcessStarter` is the door through which every part starts processes, so that tests can put another one there.

/// Starts processes.
public protocol ProcessStarter: Sendable {
  /// Starts a process.
  ///
  /// Exactly one of these happens: `started` gets a failure, and that is all; or `started` gets the process, and
  /// `exited` is called once, after it has ended. Both are called on a thread that belongs to this process alone.
  func start(
    _ program: Program,
    started: @escaping @Sendable (Result<any RunningProcess, StartFailure>) -> Void,
    exited: @escaping @Sendable (ProcessExit) -> Void
  )
}

/// A process that was started.
public protocol RunningProcess: Sendable {
  /// The number by which the system knows it.
  var id: Int32 { get }

  /// Sends a signal to the process and all of its group; does nothing once it has ended.
  func signal(_ number: Int32)
}

/// What is to be started.
public struct Program: Sendable, Hashable {
  /// The executable's absolute path.
  public var path: String
  /// The arguments, without the name.
  public var arguments: [String]
  /// The whole environment.
  public var environment: [String: String]
  /// The working directory; this process's own if nil.
  public var directory: String?
  /// The descriptor that becomes standard input; nil for an empty one.
  public var input: Int32?
  /// The descriptor that becomes standard output; nil to throw it away.
  public var output: Int32?
  /// The descriptor that becomes standard error; nil to throw it away.
  public var error: Int32?

  /// Makes a program without input or output.
  public init(path: String, arguments: [String] = [], environment: [String: String] = [:]) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }
}

/// How a process ended.
public enum ProcessExit: Sendable, Hashable {
  /// With a status of its own.
  case exited(Int32)
  /// By a signal.
  case signalled(Int32)
}

extension ProcessExit: CustomStringConvertible {
  /// How it ended, in words.
  public var description: String {
    switch self {
    case .exited(let status): "exit status \(status)"
    case .signalled(let number): "signal \(number)"
    }
  }
}

/// Why a process could not be started.
public struct StartFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system's number of the error.
  public let errno: Int32
  /// What happened, in words.
  public let description: String

  /// Makes a failure.
  public init(errno: Int32, description: String) {
    self.errno = errno
    self.description = description
  }
}

extension ProcessStarter {
  /// Starts a process and returns when it runs; `exited` is called once, after it has ended.
  public func start(
    _ program: Program,
    exited: @escaping @Sendable (ProcessExit) -> Void
  ) async throws -> any RunningProcess {
    try await withCheckedThrowingContinuation { continuation in
      start(program, started: { continuation.resume(with: $0) }, exited: exited)
    }
  }
}
