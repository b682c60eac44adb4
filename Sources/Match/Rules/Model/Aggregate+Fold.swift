// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Expressions

/// Why a state cannot be made, or a command not be decided on.
public struct AggregateFailure: Error, Sendable, CustomStringConvertible {
  /// The aggregate.
  public let aggregate: String
  /// The expression that has no value, with its place.
  public let part: Condition
  /// Why it has none.
  public let error: EvaluationError

  /// The failure in words.
  public var description: String {
    let place = part.place
    return
      "\(place.file):\(place.line):\(place.column): \(error) in '\(part.expression.text)' of the aggregate '\(aggregate)'"
  }
}

extension Aggregate {
  /// The state after an event, which is as the world sees it; the same state after one of another type.
  ///
  /// A pure function. - Throws: `AggregateFailure`.
  public func state(after event: JSONDocument, from state: JSONValue) throws -> JSONValue {
    // Of an event that was erased nothing is left to fold.
    guard event.root["erased"]?.bool != true else { return state }
    let event = try upcast(event)
    guard let type = event.root["type"]?.string, let evolution = evolutions[type] else { return state }
    let scope = Scope(event: JSONContent(event), state: state)
    switch evolution {
    case .whole(let value): return try self.value(of: value, in: scope)
    case .members(let changes):
      var members: [JSONValue.Member] = []
      if case .object(let known) = state { members = known }
      for (name, value) in changes { members.set(name, try self.value(of: value, in: scope)) }
      return .object(members)
    }
  }

  /// The event as it is to be read.
  private func upcast(_ event: JSONDocument) throws -> JSONDocument {
    guard !upcasts.isEmpty else { return event }
    var event = event
    for upcast in upcasts where event.root["type"]?.string == upcast.type {
      let scope = Scope(event: JSONContent(event), state: initial)
      if let condition = upcast.condition, try !holds(condition, in: scope) { continue }
      guard case .object(var members) = JSONValue(event.root) else { continue }
      var data: [JSONValue.Member] = []
      if case .object(let known)? = members.first(where: { $0.key == "data" })?.value { data = known }
      for (name, value) in upcast.data { data.set(name, try self.value(of: value, in: scope)) }
      if !upcast.data.isEmpty { members.set("data", .object(data)) }
      if let type = upcast.newType { members.set("type", .string(type)) }
      var bytes: [UInt8] = []
      JSONValue.object(members).appendJSON(to: &bytes)
      event = try JSONDocument(bytes)
    }
    return event
  }

  func value(of part: Condition, in scope: Scope) throws(AggregateFailure) -> JSONValue {
    do throws(EvaluationError) { return try part.expression.json(in: scope) } catch {
      throw AggregateFailure(aggregate: id, part: part, error: error)
    }
  }

  func holds(_ part: Condition, in scope: Scope) throws(AggregateFailure) -> Bool {
    do throws(EvaluationError) { return try part.expression.holds(in: scope) } catch {
      throw AggregateFailure(aggregate: id, part: part, error: error)
    }
  }
}

extension [JSONValue.Member] {
  /// Gives a member a value, in its place if there is one of that key.
  fileprivate mutating func set(_ key: String, _ value: JSONValue) {
    if let place = firstIndex(where: { $0.key == key }) {
      self[place] = JSONValue.Member(key, value)
    } else {
      append(JSONValue.Member(key, value))
    }
  }
}
