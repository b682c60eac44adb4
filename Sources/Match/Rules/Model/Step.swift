// SPDX-License-Identifier: Apache-2.0

public import Expressions
public import PluginWire

/// One thing that a rule does.
public struct Step: Sendable {
  /// What is done.
  public enum Action: Sendable {
    /// An action of a plugin, with its parameters, an object.
    case invoke(plugin: String, action: String, with: ValueTemplate)
    /// An event of the rule's own, an object of event attributes.
    case emit(ValueTemplate)
    /// Nothing, for some time.
    case wait(Wait)
    /// Nothing, until an event comes.
    case awaits(Await)
    /// Values that later steps find under `vars`, an object.
    case set(ValueTemplate)
    /// The run is given up, with this text as the reason.
    case fail(ValueTemplate)
    /// The first of some ways on whose condition holds; if none does, what comes after the step.
    case choose([Choice])
    /// Branches, for which the run waits.
    case fork(Fork)
    /// Branches of a fork take back what they have done.
    case undo
  }

  /// A way on.
  public struct Choice: Sendable {
    /// What must hold; nil for a way that is always open.
    public let condition: Condition?
    /// The index of the first step of the way.
    public let first: Int
  }

  /// How long a step waits.
  public enum Wait: Sendable {
    /// For a duration, a text.
    case span(ValueTemplate)
    /// Until an instant, a text as in RFC 3339.
    case until(ValueTemplate)

    var value: ValueTemplate {
      switch self {
      case .span(let value), .until(let value): value
      }
    }
  }

  /// The listener that makes what no plugin does: the host itself.
  public static let ownListener = "earshot"

  /// The step's id; unique in its rule.
  public let id: String
  /// What must hold for the step not to be passed over; nil when it is always made.
  public let condition: Condition?
  /// What is done.
  public let action: Action
  /// What it means to do it twice.
  public let effects: ActionDescription.Effects
  /// The parameters that name the files and folders that the action changes.
  public let writes: [String]
  /// How long an attempt may take.
  public let timeout: Duration
  /// How a failure is tried again; nil for the standard way.
  public let retry: RetryPolicy?
  /// Whether the run goes on when the step has failed for good.
  public let continuesOnError: Bool
  /// The index of the step that comes after this one; nil when the run is done then.
  public internal(set) var following: Int?
  /// The index of the step that takes this one back when the run fails later; nil when there is none.
  public internal(set) var compensation: Int?
  /// The index of the step that this one takes back; nil when it is one of those that are made in turn.
  public internal(set) var compensates: Int?

  /// Whether it is only noted what would have been done.
  public internal(set) var isShadow = false

  /// Whether the step depends on the list of all events that the rule reacts to.
  public var readsEvents: Bool {
    let conditions = [condition] + (choices ?? []).map(\.condition)
    return conditions.contains { $0?.expression.readsEvents ?? false }
      || values.contains { $0.readsEvents }
  }

  /// What the step's action depends on, besides conditions.
  private var values: [ValueTemplate] {
    switch action {
    case .invoke(_, _, let value), .emit(let value), .set(let value), .fail(let value): [value]
    case .wait(let wait): [wait.value]
    case .awaits(let awaited): [awaited.key, awaited.within, awaited.question].compactMap { $0 }
    case .fork(let fork): [fork.value].compactMap { $0 }
    case .choose, .undo: []
    }
  }

  /// Whether the step is a fork, or has the branches of one take back what they have done.
  public var hasBranches: Bool {
    switch action {
    case .fork, .undo: true
    default: false
    }
  }

  private var choices: [Choice]? { if case .choose(let choices) = action { choices } else { nil } }

  /// The listener that makes the step: a plugin, or the host itself.
  public var listener: String {
    if case .invoke(let plugin, _, _) = action, !isShadow { plugin } else { Self.ownListener }
  }
}

/// How often and how far apart a failed step is tried again.
public struct RetryPolicy: Sendable, Hashable {
  /// The number of attempts in all.
  public var attempts = 5
  /// The pause after the first failure.
  public var initial: Duration = .seconds(1)
  /// What each further pause is multiplied with.
  public var backoff = 2.0
  /// The longest pause.
  public var maximum: Duration = .seconds(100)
  /// The share by which a pause may be moved.
  public var jitter = 0.2
}
