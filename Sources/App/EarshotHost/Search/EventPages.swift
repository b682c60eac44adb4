// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A search for events that is answered part by part, so that neither side keeps more than a part.
public struct EventPages: Sendable {
  private let client: HostClient
  private let query: [(String, String)]

  /// Asks a host, or a log without one, for events.
  public init(_ client: HostClient, _ query: [(String, String)]) {
    self.client = client
    self.query = query
  }

  /// Calls `body` with each event in order, at most so many; gives for how many the condition has no value.
  ///
  /// - Throws: `HostFailure`, or what `body` throws.
  public func ascending(limit: Int?, _ body: (JSONValue) async throws -> Void) async throws -> Int {
    var unknown = 0
    var left = limit ?? .max
    var next: String?
    while left > 0 {
      let part = try await part([("order", "ascending"), ("limit", Self.limit(left))], after: next)
      for event in part.events { try await body(event) }
      left -= part.events.count
      unknown += part.unknown
      guard let more = part.next else { break }
      next = more
    }
    return unknown
  }

  /// The newest events, at most so many, ascending, and for how many the condition has no value.
  ///
  /// - Throws: `HostFailure`.
  public func newest(limit: Int) async throws -> (events: [JSONValue], unknown: Int) {
    var parts: [[JSONValue]] = []
    var unknown = 0
    var left = limit
    var next: String?
    while left > 0 {
      let part = try await part([("order", "newest"), ("limit", Self.limit(left))], after: next)
      parts.append(part.events)
      left -= part.events.count
      unknown += part.unknown
      guard let more = part.next else { break }
      next = more
    }
    return (parts.reversed().flatMap { $0 }, unknown)
  }

  /// How many events there are, by what is asked for; all under an empty name when nothing is.
  ///
  /// - Throws: `HostFailure`.
  public func counts(by name: String?) async throws -> (counts: [String: Int], unknown: Int) {
    var counts: [String: Int] = [:]
    var unknown = 0
    var next: String?
    repeat {
      let answer = try await ask([name.map { ("by", $0) } ?? ("count", "true")], after: next)
      for row in Self.list(answer["counts"]) {
        counts[name.flatMap { row[$0]?.string } ?? "", default: 0] += row["count"]?.int ?? 0
      }
      unknown += answer["without_value"]?.int ?? 0
      next = answer["next"]?.json
    } while next != nil
    return (counts, unknown)
  }

  private func part(_ how: [(String, String)], after next: String?) async throws
    -> (events: [JSONValue], unknown: Int, next: String?)
  {
    let answer = try await ask(how + [("paged", "true")], after: next)
    return (Self.list(answer["events"]), answer["without_value"]?.int ?? 0, answer["next"]?.json)
  }

  private func ask(_ how: [(String, String)], after next: String?) async throws -> JSONValue {
    try await client.query(["events"], query + how + (next.map { [("after", $0)] } ?? []))
  }

  private static func list(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let elements)? = value { elements } else { [] }
  }

  private static func limit(_ left: Int) -> String { String(min(left, LogQueries.greatestLimit)) }
}
