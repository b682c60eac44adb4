// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Expressions
public import Rules
import Synchronization

/// The states of things and the rows of views as they were at a position of the log, for conditions.
///
/// Folds the events of a stream up to there, from where it is remembered on. Looks up what a condition asks, so it is bound to
/// one event.
public final class PastStates: StateLookup {
  /// Reads the events of a stream behind a version.
  typealias Read = (_ stream: StreamName, _ version: Int64, _ limit: Int) throws -> EventPage

  /// What can be looked up.
  public struct Definitions: Sendable {
    let aggregates: [Aggregate]
    let views: [ViewDefinition]
    let folding: (any ViewFolding)?
    /// The owners of streams that do not have all their events yet.
    let behind: Set<String>

    /// What rules define; `folding` makes rows of views.
    public init(_ rules: RuleSet, folding: (any ViewFolding)?, behind: Set<String> = []) {
      self.init(rules.aggregates, rules.lookedUpViews, folding: folding, behind: behind)
    }

    init(
      _ aggregates: [Aggregate],
      _ views: [ViewDefinition],
      folding: (any ViewFolding)?,
      behind: Set<String>
    ) {
      self.aggregates = aggregates
      self.views = views
      self.folding = folding
      self.behind = behind
    }
  }

  private static let pageSize = 500

  private let definitions: Definitions
  private let position: LogPosition
  private let memory: StateMemory?
  private let source: Source
  /// Why the log could not be read, which is no matter of the condition.
  private let failed = Mutex<LogFailure?>(nil)

  /// Where events come from.
  ///
  /// Unchecked: a transaction belongs to the log's writer, on which the condition is evaluated that this was made for.
  private struct Source: @unchecked Sendable {
    let read: Read
  }

  init(of definitions: Definitions, at position: LogPosition, memory: StateMemory?, read: @escaping Read) {
    self.definitions = definitions
    self.position = position
    self.memory = memory
    source = Source(read: read)
  }

  /// The states that a log knows, whose streams have all their events.
  public convenience init(of definitions: Definitions, at position: LogPosition, in log: any LogReading) {
    self.init(of: definitions, at: position, memory: nil) { try log.events(of: $0, after: $1, limit: $2) }
  }

  /// Why the log could not be read, if that happened.
  var failure: LogFailure? { failed.withLock { $0 } }

  /// The state of a thing at the position.
  public func state(ofAggregate name: String, key: String) throws(EvaluationError) -> JSONValue {
    guard let aggregate = definitions.aggregates.first(where: { $0.id == name }) else {
      throw .withoutState("there is no aggregate '\(name)'")
    }
    guard aggregate.plugin == nil else {
      throw .withoutState("the states of the aggregate '\(name)' are made by a plugin")
    }
    let content = try content(of: key, aggregate.streamOwner, aggregate.foldHash, name) {
      state,
      page,
      index in
      let event = try JSONDocument(Array(page.json(index)))
      return try aggregate.state(after: event, from: state as? JSONValue ?? aggregate.initial)
    }
    return content as? JSONValue ?? aggregate.initial
  }

  /// The row of a view at the position; null when there is none.
  public func row(ofView name: String, key: String) throws(EvaluationError) -> JSONValue {
    guard let view = definitions.views.first(where: { $0.id == name }), let folding = definitions.folding
    else {
      throw .withoutState("there is no view '\(name)' that can be looked at")
    }
    let content = try content(of: key, view.streamOwner, view.revision, name) { row, page, index in
      try folding.row(row, of: view, key: key, after: page, index)
    }
    return folding.json(content, of: view, key: key)
  }

  /// What the events of a stream have made.
  private func content(
    of key: String,
    _ owner: String,
    _ definition: String,
    _ name: String,
    fold: (_ before: (any Sendable)?, EventPage, Int) throws -> (any Sendable)?
  ) throws(EvaluationError) -> (any Sendable)? {
    guard !definitions.behind.contains(owner) else {
      throw .withoutState("the events of '\(name)' are still being looked through")
    }
    let stream = StreamName(owner: owner, key: Array(key.utf8))
    do { return try self.fold(stream, definition, fold) } catch {
      if let failure = error as? LogFailure { failed.withLock { $0 = failure } }
      throw .withoutState("'\(key)' of '\(name)' cannot be looked up: \(error)")
    }
  }

  private func fold(
    _ stream: StreamName,
    _ definition: String,
    _ fold: (_ before: (any Sendable)?, EventPage, Int) throws -> (any Sendable)?
  ) throws -> (any Sendable)? {
    let nothing = StateMemory.Entry(content: nil, version: 0, position: nil)
    var entry = memory?.entry(of: stream, definition) ?? nothing
    // What is remembered may be of a later time than the event.
    let isLater = entry.position.map { $0 > position } ?? false
    if isLater { entry = nothing }
    while true {
      let page = try source.read(stream, entry.version, Self.pageSize)
      for index in page.entries.indices {
        guard page.entries[index].position <= position else { return entry.content }
        entry.content = try fold(entry.content, page, index)
        entry.version += 1
        entry.position = page.entries[index].position
      }
      if page.entries.count < Self.pageSize { break }
    }
    if !isLater { memory?.keep(entry, of: stream, definition) }
    return entry.content
  }
}
