// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// One thing that came to pass in a run: an attempt of a step that has ended, or what a person did.
///
/// The entries of a run, in their order, are its own stream. Each is written in the commit of the change that it tells of;
/// what is under way is told by the run itself. Runs of one step have none of attempts, since the run says all of it.
public struct HistoryEntry: Sendable, Hashable {
  /// What came to pass.
  public enum Kind: UInt8, Sendable, Hashable, CaseIterable {
    /// The step is done.
    case done
    /// The step's condition did not hold.
    case passed
    /// The step began to wait by itself.
    case waiting
    /// The attempt failed and there will be another one.
    case failed
    /// The host ended during the attempt.
    case interrupted
    /// The step has failed for good.
    case dead
    /// Nobody knows how the attempt ended.
    case uncertain
    /// The run was cancelled.
    case cancelled
    /// A person had the run tried again.
    case retried
    /// A person gave the run up.
    case dropped
  }

  /// What came to pass.
  public var kind: Kind
  /// The id of the step.
  public var step: String
  /// Which attempt of the step it was, from 1.
  public var attempt: Int
  /// When it began, in civil time.
  public var began: Timestamp
  /// When it was known how it ended, in civil time.
  public var ended: Timestamp
  /// What the step was given, a JSON value; nil when it was given nothing.
  public var input: [UInt8]?
  /// What came of it, a JSON value: an output, or a text that says why it failed.
  public var result: [UInt8]?

  /// Makes an entry.
  public init(
    _ kind: Kind,
    step: String,
    attempt: Int,
    began: Timestamp,
    ended: Timestamp,
    input: [UInt8]? = nil,
    result: [UInt8]? = nil
  ) {
    self.kind = kind
    self.step = step
    self.attempt = attempt
    self.began = began
    self.ended = ended
    self.input = input
    self.result = result
  }
}
