// SPDX-License-Identifier: Apache-2.0

public import EventModel
import DurableLog
import Expressions
import Rules
import Timing

/// Events of the past that are sent to rules again.
///
/// Kept as a window of the log that comes due again and again until all events have been sent: which events were sent and the
/// runs that came of it are one commit, so that a replay goes on after the end of a host and sends nothing twice.
///
/// The rules' conditions and windows see the events as they were recorded, in windows of the replay's own, which close when it
/// ends. Runs of a rule that has a mode go one after another, beside the rule's other runs, so that none is lost to the pace of the
/// replay.
public struct Replay: Sendable {
  /// Which events are sent to which rules.
  public struct Choice: Sendable, Hashable {
    /// The first event.
    public var first: LogPosition
    /// The last one.
    public var last: LogPosition
    /// The type, which may end in `*`; nil for all.
    public var type: String?
    /// What must hold of an event besides, in CEL; what has no value does not hold.
    public var condition: String?
    /// The rules' ids.
    public var rules: [String]

    /// Chooses events and rules.
    public init(
      from first: LogPosition,
      through last: LogPosition,
      type: String? = nil,
      where condition: String? = nil,
      to rules: [String]
    ) {
      self.first = first
      self.last = last
      self.type = type
      self.condition = condition
      self.rules = rules
    }
  }

  /// What tells the replay from others.
  public let id: String
  /// What is sent where.
  public let choice: Choice
  /// How many times faster than it was recorded; nil for as fast as it can be.
  public let pace: Double?
  /// When it began, in steady time, and when the first event was recorded: by these the pace is kept.
  let began: Timestamp
  let origin: Timestamp
  /// The next event that is looked at.
  public internal(set) var next: LogPosition
  /// How many events were sent.
  public internal(set) var events = 0

  /// Begins a replay.
  init(_ id: String, _ choice: Choice, pace: Double?, began: Timestamp, origin: Timestamp) {
    self.id = id
    self.choice = choice
    self.pace = pace
    self.began = began
    self.origin = origin
    next = choice.first
  }

  /// When an event is sent that was recorded at an instant, in steady time.
  func due(_ recorded: Timestamp) -> Timestamp {
    guard let pace else { return began }
    let passed = Double((recorded - origin).microseconds) / pace
    // Whatever was recorded when the clock was set comes by the end of a lifetime.
    return began + .microseconds(Int64(max(0, min(passed, 1e18))))
  }
}

/// The stored form.
extension Replay {
  private static let suffix = "/replay"

  /// The name of the owner of its window.
  var owner: String { id + Self.suffix }

  /// Whether a window is a replay's.
  static func isOwner(_ name: String) -> Bool { name.hasSuffix(suffix) }

  /// Before the names of owners of its windows.
  var prefix: String { "\(id)\(Self.suffix)/" }

  /// The content of its window.
  var content: [UInt8] { Array(json.json.utf8) }

  /// The replay as programs read it.
  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("replay", .string(id)), .init("from", .number(choice.first.description)),
      .init("to", .number(choice.last.description)), .init("next", .number(next.description)),
      .init("events", .number("\(events)")), .init("rules", .array(choice.rules.map { .string($0) })),
    ]
    if let type = choice.type { members.append(.init("type", .string(type))) }
    if let condition = choice.condition { members.append(.init("where", .string(condition))) }
    if let pace { members.append(.init("pace", .number("\(pace)"))) }
    members += [
      .init("began", .number("\(began.microseconds)")), .init("origin", .number("\(origin.microseconds)")),
    ]
    return .object(members)
  }

  /// Reads the content of a window.
  init(_ content: [UInt8]) throws {
    guard let value = try? JSONValue(json: content), let id = value["replay"]?.string,
      let first = value["from"]?.int, let last = value["to"]?.int, let next = value["next"]?.int,
      let began = value["began"]?.int, let origin = value["origin"]?.int,
      case .array(let rules)? = value["rules"]
    else { throw LogFailure(.corrupt, "it cannot be read how far a replay has come") }
    let choice = Choice(
      from: LogPosition(rawValue: Int64(first)),
      through: LogPosition(rawValue: Int64(last)),
      type: value["type"]?.string,
      where: value["where"]?.string,
      to: rules.compactMap(\.string)
    )
    let pace: Double? = if case .number(let text)? = value["pace"] { Double(text) } else { nil }
    self.init(
      id,
      choice,
      pace: pace,
      began: Timestamp(microseconds: Int64(began)),
      origin: Timestamp(microseconds: Int64(origin))
    )
    self.next = LogPosition(rawValue: Int64(next))
    events = value["events"]?.int ?? 0
  }
}

/// Which events of a page are meant.
struct ReplayFilter {
  private let type: TypePattern?
  private let condition: Expression?
  private let scope: ScopeSurroundings

  /// Makes a filter; a condition must be one that was checked.
  init(_ choice: Replay.Choice, _ scope: ScopeSurroundings) throws(ExpressionErrors) {
    type = choice.type.flatMap { TypePattern($0) }
    condition = try choice.condition.map { text throws(ExpressionErrors) in
      try Expression(text, in: .condition, as: .bool)
    }
    self.scope = scope
  }

  /// Whether an event, as the world sees it, is meant.
  func holds(_ event: JSONDocument) -> Bool {
    if let type, !type.matches(event.root["type"]?.string ?? "") { return false }
    guard let condition else { return true }
    let verdict = Result { () throws(EvaluationError) in
      try condition.holds(in: Scope(event: JSONContent(event), in: scope))
    }
    if case .success(let holds) = verdict { return holds }
    return false
  }
}
