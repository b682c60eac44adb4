// SPDX-License-Identifier: Apache-2.0

import Dispatching
public import DurableLog
public import EventModel

/// What people and programs ask of a log, answered as JSON.
///
/// The host answers so over its control socket, and the command line when no host runs; the answers are the same.
public struct LogQueries: Sendable {
  /// Why a question has no answer.
  public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether the thing asked for does not exist, rather than the question being wrong.
    public let isMissing: Bool
    /// What is wrong, in words.
    public let description: String
  }

  /// How many items an answer holds when nothing is said.
  public static let standardLimit = 20
  /// How many items an answer holds at most.
  public static let greatestLimit = 10_000
  private static let pageSize = 500

  private let log: any LogReading
  private let clock: any HostClock
  private let pending: PendingQuery
  /// The id of the step at which a run is, if it can be had.
  private let stepID: @Sendable (Run) -> String?

  /// Asks a log.
  public init(_ log: any LogReading, clock: any HostClock = SystemClock()) {
    self.init(log, clock: clock, pending: PendingQuery(log)) { _ in nil }
  }

  init(
    _ log: any LogReading,
    clock: any HostClock,
    pending: PendingQuery,
    stepID: @escaping @Sendable (Run) -> String?
  ) {
    self.log = log
    self.clock = clock
    self.pending = pending
    self.stepID = stepID
  }

  /// Answers a question such as `events`, `events/7`, `runs` or `runs/3`; nil for one that is not known.
  public func answer(_ path: [String], _ query: [String: String]) throws -> JSONValue? {
    switch (path.first, path.count) {
    case ("events", 1): try EventSearch(query, log, now: clock.now()).answer(log)
    case ("events", 2): try EventAccount(log, stepID: stepID).answer(path[1], query)
    case ("runs", 1): try runs(query)
    case ("runs", 2): try run(path[1])
    case ("pending", 1): try pending(query)
    default: nil
    }
  }

  /// Runs, the newest first; of some states if asked so.
  private func runs(_ query: [String: String]) throws -> JSONValue {
    var states = Set(RunState.allCases)
    if let names = query["state"] {
      states = []
      for name in names.split(separator: ",") {
        guard let state = RunState(name: String(name)) else {
          let known = RunState.allCases.map(\.name).joined(separator: ", ")
          throw Refusal(isMissing: false, description: "there is no state '\(name)': write one of \(known)")
        }
        states.insert(state)
      }
    }
    let limit = Int(
      min(try number(query, "limit") ?? Int64(Self.standardLimit), Int64(Self.greatestLimit))
    )
    let before = try number(query, "before").map(RunID.init)
    let isAll = query["branches"] == "true" || query["state"] != nil
    var found: [Run] = []
    var next = before
    while found.count < limit {
      let page = try log.newestRuns(states: states, before: next, limit: Self.pageSize)
      guard let last = page.last else { break }
      let asked = page.lazy.filter { run in
        // A branch with which a person has to decide is told unasked.
        (query["rule"] == nil || run.rule == query["rule"])
          && (isAll || run.branch == nil || RunState.revivable.contains(run.state))
      }
      found += asked.prefix(limit - found.count)
      next = last.id
    }
    return .array(found.map(json))
  }

  /// What waits for its time or turn; of one rule if asked so, and with `all` windows that only remember.
  private func pending(_ query: [String: String]) throws -> JSONValue {
    let limit = min(try number(query, "limit") ?? Int64(Self.standardLimit), Int64(Self.greatestLimit))
    let items = try pending.items(rule: query["rule"], all: query["all"] == "true", limit: Int(limit))
    return .array(items.map(\.json))
  }

  private func run(_ name: String) throws -> JSONValue {
    guard let id = Int64(name), let run = try log.run(RunID(rawValue: id)) else {
      throw Refusal(isMissing: true, description: "there is no run '\(name)'")
    }
    var left = Self.greatestLimit
    return try account(of: run, &left)
  }

  /// A run with what came to pass in it, and its branches likewise; at most so many of these.
  private func account(of run: Run, _ left: inout Int) throws -> JSONValue {
    let history = try log.history(of: run.id, limit: Self.greatestLimit)
    let branches = try self.branches(of: run, &left)
    guard case .object(var members) = json(run) else { return json(run) }
    if !history.isEmpty { members.append(.init("history", .array(history.map(\.json)))) }
    if !branches.isEmpty { members.append(.init("branches", .array(branches))) }
    return .object(members)
  }

  private func branches(of run: Run, _ left: inout Int) throws -> [JSONValue] {
    var found: [JSONValue] = []
    var (fork, place) = (1, -1)
    while left > 0 {
      let page = try log.branches(of: run.id, fork: fork, after: place, limit: min(left, Self.pageSize))
      guard let last = page.last?.branch else {
        // There are no forks behind one without branches.
        guard place >= 0 else { break }
        (fork, place) = (fork + 1, -1)
        continue
      }
      left -= page.count
      for branch in page { found.append(try account(of: branch, &left)) }
      place = last.place
    }
    return found
  }

  private func json(_ run: Run) -> JSONValue {
    guard let step = stepID(run), case .object(var members) = run.json,
      let place = members.firstIndex(where: { $0.key == "step" })
    else { return run.json }
    members.insert(.init("step_id", .string(step)), at: place + 1)
    return .object(members)
  }

  private func number(_ query: [String: String], _ name: String) throws -> Int64? {
    try Self.number(query, name)
  }

  /// A parameter that is a number; nil when it is not given.
  static func number(_ query: [String: String], _ name: String) throws -> Int64? {
    guard let text = query[name] else { return nil }
    guard let number = Int64(text), number >= 0 else {
      throw Refusal(isMissing: false, description: "'\(text)' is no number for '\(name)'")
    }
    return number
  }
}

extension RunState {
  /// The state in words.
  public var name: String { "\(self)" }

  /// The state of that name.
  public init?(name: String) {
    guard let state = RunState.allCases.first(where: { $0.name == name }) else { return nil }
    self = state
  }
}

extension Run {
  /// The run as programs read it.
  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("run", .number(String(id.rawValue))), .init("position", .number(position.description)),
      .init("rule", .string(rule)), .init("revision", .string(revision)),
      .init("listener", .string(listener)), .init("state", .string(state.name)),
      .init("step", .number(String(step))), .init("attempts", .number(String(attempts))),
      .init("updated", .string(updated.rfc3339)),
    ]
    if let branch {
      members += [
        .init("parent", .number("\(branch.parent.rawValue)")), .init("fork", .number("\(branch.fork)")),
        .init("place", .number("\(branch.place)")),
      ]
    }
    if let replay { members.append(.init("replay", .string(replay))) }
    if isShadow { members.append(.init("shadow", .bool(true))) }
    if let join { members.append(.init("open_branches", .number("\(join.open)"))) }
    if !inputs.isEmpty { members.append(.init("inputs", .array(inputs.map { .number($0.description) }))) }
    if let due { members.append(.init("due", .string(due.rfc3339))) }
    if let failure { members.append(.init("failure", .string(failure))) }
    if let outputs, let value = try? JSONValue(json: outputs) { members.append(.init("outputs", value)) }
    return .object(members)
  }
}
