// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The number of a run: ascending in the order in which runs were made.
public struct RunID: RawRepresentable, Hashable, Comparable, Sendable {
  /// The number; 0 stands for the place before the first run.
  public let rawValue: Int64

  /// The place before the first run.
  public static let start = RunID(rawValue: 0)

  /// Makes an id from its number.
  public init(rawValue: Int64) { self.rawValue = rawValue }

  /// Orders runs by their making.
  public static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }
}

/// A rule's reaction to an event, or to several, as the log keeps it.
///
/// Small and cheap to copy: names are shared, and what few runs have is kept apart.
public struct Run: Sendable, Hashable {
  /// The run's number.
  public var id: RunID
  /// The event that the rule reacts to; of several, the one that stands for all.
  public var position: LogPosition
  /// The rule, its revision and the listener whose turn it is.
  public private(set) var names: RunNames
  /// Where the run stands.
  public var state: RunState
  /// The index of the step that is next, or under way.
  public var step: Int
  /// How many attempts of that step have begun.
  public var attempts: Int
  /// How many attempts of that step the host's end has interrupted, without another outcome between them.
  public var interruptions = 0
  /// When the next attempt is due, if the run waits.
  public var due: Timestamp?
  /// When the run last changed.
  public var updated: Timestamp
  private var extras = RunExtras.none

  /// Makes a run.
  public init(id: RunID, position: LogPosition, names: RunNames, state: RunState, updated: Timestamp) {
    self.id = id
    self.position = position
    self.names = names
    self.state = state
    self.updated = updated
    step = 0
    attempts = state == .running ? 1 : 0
  }
}

extension Run {
  /// The rule's id.
  public var rule: String { names.rule }

  /// The revision of the rules under which the run was made and will finish.
  public var revision: String { names.revision }

  /// The listener whose turn it is: whose plugin makes the current step.
  public var listener: String {
    get { names.listener }
    set {
      guard newValue != names.listener else { return }
      names = RunNames(rule: names.rule, revision: names.revision, listener: newValue)
    }
  }

  /// All events that the rule reacts to, ascending, when there are several.
  public var inputs: [LogPosition] {
    get { extras.values.inputs }
    set { extras.values.inputs = newValue }
  }

  /// What went wrong at the last attempt.
  public var failure: String? {
    get { extras.values.failure }
    set { extras.values.failure = newValue }
  }

  /// The outputs of the finished steps as a JSON object by step index, or nil when there is none.
  public var outputs: [UInt8]? {
    get { extras.values.outputs }
    set { extras.values.outputs = newValue }
  }

  /// What names the runs of which only some go on at once, by the rule's mode; nil when the rule has none.
  public var gate: [UInt8]? {
    get { extras.values.gate }
    set { extras.values.gate = newValue }
  }

  /// What names the runs that the current step's listener is given one after another; nil when it has no order.
  public var turn: [UInt8]? {
    get { extras.values.turn }
    set { extras.values.turn = newValue }
  }

  /// Whether something that the run has done is taken back if it fails.
  public var owes: Bool {
    get { extras.values.owes }
    set { extras.values.owes = newValue }
  }

  /// Whether the run is to take back what it has done and go no further.
  public var isCancelled: Bool {
    get { extras.values.isCancelled }
    set { extras.values.isCancelled = newValue }
  }

  /// As what the run is part of another one; nil when it is none.
  public var branch: Branch? {
    get { extras.values.branch }
    set { extras.values.branch = newValue }
  }

  /// The branches for which the run waits; nil when it waits for none.
  public var join: BranchJoin? {
    get { extras.values.join }
    set { extras.values.join = newValue }
  }

  /// Whether the run has nothing but what every run has.
  public var isUsual: Bool { extras.isNone }
}

/// What few runs have; nearly always nothing, which costs nothing.
private enum RunExtras: Sendable, Hashable {
  struct Values: Sendable, Hashable {
    var inputs: [LogPosition] = []
    var failure: String?
    var outputs: [UInt8]?
    var gate: [UInt8]?
    var turn: [UInt8]?
    var owes = false
    var isCancelled = false
    var branch: Branch?
    var join: BranchJoin?

    var isEmpty: Bool { self == Values() }
  }

  case none
  indirect case some(Values)

  var isNone: Bool { if case .none = self { true } else { false } }

  var values: Values {
    get { if case .some(let values) = self { values } else { Values() } }
    set { self = newValue.isEmpty ? .none : .some(newValue) }
  }
}

/// A run with what is needed to go on with it.
public struct RunWork: Sendable, Hashable {
  /// The run.
  public var run: Run
  /// The event that it reacts to, as the world sees it.
  public var event: [UInt8]

  /// Puts a run and its event together.
  public init(run: Run, event: [UInt8]) {
    self.run = run
    self.event = event
  }
}

/// Runs that wait for a listener, with what is needed to go on with them.
public struct PendingWork: Sendable, Hashable {
  /// The runs, ascending.
  public var work: [RunWork]
  /// Whether there are no further ones.
  public var isAll: Bool

  /// Puts runs together.
  public init(_ work: [RunWork], isAll: Bool) {
    self.work = work
    self.isAll = isAll
  }
}
