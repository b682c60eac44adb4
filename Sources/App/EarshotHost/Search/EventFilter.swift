// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import DurableLog
import EventModel
import Expressions

/// Which events are asked for, by what they say.
struct EventFilter: Sendable {
  /// What is asked of an attribute: its value, or with `*` at the end how it begins.
  struct Pattern: Sendable, Hashable {
    let text: String
    let isPrefix: Bool

    init(_ text: String) {
      isPrefix = text.hasSuffix("*")
      self.text = isPrefix ? String(text.dropLast()) : text
    }

    func holds(_ value: String) -> Bool { isPrefix ? value.hasPrefix(text) : value == text }
  }

  /// Whether an event is asked for.
  enum Verdict {
    case yes, no
    /// The condition has no value for the event, which is told and never taken for a "no".
    case unknown
  }

  /// The names of the parameters that make up a filter.
  static let parameters: Set<String> = ["type", "source", "subject", "correlation", "where"]

  /// The types that are asked for.
  let type: Pattern?
  private let source: String?
  private let subject: Pattern?
  private let correlation: String?
  private let condition: Expression?

  /// Reads a question; it may have other parameters of these names.
  ///
  /// - Throws: `LogQueries.Refusal`, with the places of mistakes in a condition.
  init(_ query: [String: String], besides others: Set<String> = []) throws {
    let known = Self.parameters.union(others)
    for name in query.keys.sorted() where !known.contains(name) {
      let help = Suggestion.help(for: name, among: known).map { ": \($0)" } ?? ""
      throw LogQueries.Refusal(isMissing: false, description: "there is no parameter '\(name)'\(help)")
    }
    type = query["type"].map(Pattern.init)
    source = query["source"]
    subject = query["subject"].map(Pattern.init)
    correlation = query["correlation"]
    condition = try query["where"].map(Self.condition)
  }

  private static func condition(_ text: String) throws -> Expression {
    do throws(ExpressionErrors) {
      return try Expression(text, in: .search, as: .bool)
    } catch {
      let source = SourceText(name: "where", bytes: Array(text.utf8))
      let pictures = error.errors.map { error in
        let location = Diagnostic.Location(source, error.range)
        let diagnostic = Diagnostic(error.code.rawValue, error.message, at: location, help: error.help)
        return DiagnosticRenderer().picture(diagnostic)
      }
      let description = "the condition cannot be read\n" + pictures.joined(separator: "\n")
      throw LogQueries.Refusal(isMissing: false, description: description)
    }
  }

  /// Whether only the type decides, so that an event found by its type need not be read.
  var isOfTypeOnly: Bool { source == nil && subject == nil && correlation == nil && condition == nil }

  /// Whether an event must be seen with the attributes that it has in the log only.
  var readsStamps: Bool { condition != nil }

  /// Whether an event is asked for.
  func verdict(_ event: JSONDocument) -> Verdict {
    let root = event.root
    if let type, !type.holds(root["type"]?.string ?? "") { return .no }
    if let source, root["source"]?.string != source { return .no }
    if let subject, root["subject"]?.string.map(subject.holds) != true { return .no }
    if let correlation, root["correlationid"]?.string != correlation, root["id"]?.string != correlation {
      return .no
    }
    guard let condition else { return .yes }
    do throws(EvaluationError) {
      return try condition.holds(in: Scope(event: JSONContent(event))) ? .yes : .no
    } catch {
      return .unknown
    }
  }
}

extension EventPage {
  /// All events, as the world sees them.
  func stamped() -> [(position: LogPosition, json: [UInt8])] {
    entries.indices.map { index in
      var json: [UInt8] = []
      appendStamped(index, to: &json)
      return (entries[index].position, json)
    }
  }

  /// The events that are asked for, as the world sees them, and how many there are for which the condition has no value.
  func stamped(_ filter: EventFilter) -> (found: [(position: LogPosition, json: [UInt8])], unknown: Int) {
    var unknown = 0
    let found = entries.indices.compactMap { index -> (position: LogPosition, json: [UInt8])? in
      var json: [UInt8] = []
      appendStamped(index, to: &json)
      guard let event = try? JSONDocument(json) else { return nil }
      switch filter.verdict(event) {
      case .yes: return (entries[index].position, json)
      case .no: return nil
      case .unknown:
        unknown += 1
        return nil
      }
    }
    return (found, unknown)
  }
}
