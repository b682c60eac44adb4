// SPDX-License-Identifier: Apache-2.0

public import Expressions

extension Step {
  /// An event that a step waits for.
  public struct Await: Sendable {
    /// Which single events are meant.
    public let filter: Trigger
    /// What tells the events apart; nil when any such event is meant.
    public let by: Key?
    /// Which value of `by` is meant; nil for that of the event that the run reacts to, or, if a person is asked, for the
    /// run and the step.
    public let key: ValueTemplate?
    /// What else must hold, of the event and the run.
    public let condition: Condition?
    /// What a person is asked, a text, whose answer is the awaited event; nil for an event of another kind.
    public let question: ValueTemplate?
    /// How long the step waits, a text; nil for as long as it takes.
    public let within: ValueTemplate?
    /// The index of the first step of what is done when nothing has come in time, or a person has said no; nil when that is a
    /// failure.
    public let otherwise: Int?
    /// The name under which runs wait, which says all that must not change while they do.
    public let site: String
  }

  /// The type of the events by which people answer.
  public static let answerType = "earshot.run.answered"

  /// The event that the step waits for; nil when it does something else.
  public var awaited: Await? { if case .awaits(let awaited) = action { awaited } else { nil } }
}
