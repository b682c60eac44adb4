// SPDX-License-Identifier: Apache-2.0

/// What a command source runs, and when.
public struct CommandPlan: Sendable, Hashable {
  /// What the lines of the output mean.
  public enum Format: String, Sendable, CaseIterable {
    /// Each line is the data of an event.
    case lines
    /// Each line of the standard output is an event itself.
    case json
  }

  /// The program and its arguments; never empty.
  public var run: [String]
  /// The period; nil for a program that runs all the time.
  public var every: Duration?
  /// The pause before a program that should run all the time is started again.
  public var restart: Duration
  /// How long one run may take; nil for as long as it likes.
  public var timeout: Duration?
  /// What the output means.
  public var format: Format
  /// Variables besides the inherited ones.
  public var environment: [String: String]
  /// The working directory; the host's own if nil.
  public var directory: String?

  /// Makes a plan.
  public init(
    run: [String],
    every: Duration? = nil,
    restart: Duration = .seconds(1),
    timeout: Duration? = nil,
    format: Format = .lines,
    environment: [String: String] = [:],
    directory: String? = nil
  ) {
    precondition(!run.isEmpty, "a command has a program")
    self.run = run
    self.every = every
    self.restart = restart
    self.timeout = timeout
    self.format = format
    self.environment = environment
    self.directory = directory
  }
}
