// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// One event, by its position or id, with the runs that came of it; and if asked so (`tree=true`) what had led to it, and
/// all that followed.
struct EventAccount {
  /// How many causes are named at most; a chain of events has no more hops than that by itself.
  private static let mostCauses = 100

  private let log: any LogReading
  private let stepID: @Sendable (Run) -> String?

  init(_ log: any LogReading, stepID: @escaping @Sendable (Run) -> String?) {
    self.log = log
    self.stepID = stepID
  }

  /// Answers for an event, by its position or id.
  ///
  /// - Throws: `LogQueries.Refusal`.
  func answer(_ name: String, _ query: [String: String]) throws -> JSONValue {
    let position = try position(named: name)
    let page = try log.events(from: position, limit: 1)
    guard page.entries.first?.position == position else { throw missing(name) }
    var json: [UInt8] = []
    page.appendStamped(0, to: &json)
    let runs = try log.runs(of: position).map(\.json)
    var members: [JSONValue.Member] = [
      .init("event", try JSONValue(json: json, limits: .stored)), .init("runs", .array(runs)),
    ]
    guard query["tree"] == "true" else { return .object(members) }
    members.append(.init("causes", .array(try causes(of: position))))
    var walk = CausationWalk(log)
    _ = try walk.follow(position)
    members.append(.init("tree", CausationTree(walk, stepID: stepID).json))
    if walk.isCut { members.append(.init("cut", true)) }
    return .object(members)
  }

  func position(named name: String) throws -> LogPosition {
    if let number = Int64(name) { return LogPosition(rawValue: number) }
    let found = try log.positions(ofID: name)
    guard found.count <= 1 else {
      let list = found.map(\.description).joined(separator: ", ")
      throw LogQueries.Refusal(
        isMissing: false,
        description: "several events have the id '\(name)': give one of the positions \(list)"
      )
    }
    guard let only = found.first else { throw missing(name) }
    return only
  }

  private func missing(_ name: String) -> LogQueries.Refusal {
    let isPosition = Int64(name) != nil
    let description =
      isPosition ? "there is no event at position '\(name)'" : "there is no event with the id '\(name)'"
    return LogQueries.Refusal(isMissing: true, description: description)
  }

  /// What has led to an event, the root first, each with the run of it that led on.
  private func causes(of position: LogPosition) throws -> [JSONValue] {
    var found: [JSONValue] = []
    var place = position
    while found.count < Self.mostCauses {
      let page = try log.events(from: place, limit: 1)
      guard page.entries.first?.position == place,
        let event = try? JSONDocument(Array(page.json(0))).root,
        let cause = event["causationid"]?.string
      else { break }
      // The newest before it, if several sources use the same id.
      guard let earlier = try log.positions(ofID: cause).last(where: { $0 < place }) else {
        found.append(["id": .string(cause), "missing": true])
        break
      }
      found.append(try account(of: earlier, before: event))
      place = earlier
    }
    return found.reversed()
  }

  /// A cause, with the run that emitted what came of it.
  private func account(of position: LogPosition, before effect: JSONView) throws -> JSONValue {
    let page = try log.events(from: position, limit: 1)
    guard let entry = page.entries.first, let event = try? JSONDocument(Array(page.json(0))).root else {
      return ["position": .number(position.description)]
    }
    var members = CausationTree.members(
      position: entry.position,
      recorded: entry.recorded,
      id: event["id"]?.string ?? "",
      type: event["type"]?.string ?? "",
      source: event["source"]?.string ?? ""
    )
    let rule = effect["source"]?.string.flatMap { $0.hasPrefix("rules/") ? String($0.dropFirst(6)) : nil }
    if let rule, let run = try log.runs(of: position).first(where: { $0.rule == rule }) {
      members.append(.init("run", CausationTree.json(run, since: entry.recorded, stepID)))
    }
    return .object(members)
  }
}
