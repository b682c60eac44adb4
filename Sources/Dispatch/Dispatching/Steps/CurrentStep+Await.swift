// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// Waiting for events.
extension CurrentStep {
  /// What a step begins to wait for.
  public struct Awaiting: Sendable, Hashable {
    let site: String
    let key: [UInt8]
    /// How long it waits; nil for as long as it takes.
    let within: Duration?
    /// What a person is asked, if the event is an answer.
    let question: String?
  }

  /// What the step asks for that awaits an event.
  func work(awaiting site: Step.Await, _ surroundings: ScopeSurroundings) throws(EvaluationError) -> Work {
    if let answer = StepResults.output(of: run.step, in: run.outputs) {
      guard site.question != nil, let refusal = Self.refusal(in: answer) else { return .pass }
      return site.otherwise.map { .goOn(with: $0) } ?? .fail(refusal)
    }
    var within: Duration?
    if let template = site.within {
      let text = Self.text(try value(of: template, surroundings))
      guard let span = DurationText.duration(of: text), span > .zero else {
        return .impossible("'\(text)' is not a duration")
      }
      within = span
    }
    guard !StepResults.isAwaiting(run.step, in: run.outputs) else {
      if let otherwise = site.otherwise { return .goOn(with: otherwise) }
      let limit = within.map { " within \(DurationText.text(of: $0))" } ?? ""
      return .fail("what '\(step.id)' awaits has not come\(limit)")
    }
    let question = try site.question.map { template throws(EvaluationError) in
      Self.text(try value(of: template, surroundings))
    }
    let key = try key(of: site, surroundings)
    return .awaits(Awaiting(site: site.site, key: key, within: within, question: question))
  }

  /// Why a person has said no; nil for a yes.
  private static func refusal(in answer: [UInt8]) -> String? {
    let data = (try? JSONDocument(answer))?.root["data"]
    guard data?["approved"]?.bool != true else { return nil }
    return "it was rejected" + (data?["comment"]?.string.map { ": \($0)" } ?? "")
  }

  /// The key under which the run waits.
  private func key(
    of site: Step.Await,
    _ surroundings: ScopeSurroundings
  ) throws(EvaluationError) -> [UInt8] {
    if site.question != nil {
      return Array(JSONValue.string("\(run.id.rawValue)/\(step.id)").json.utf8)
    }
    if let template = site.key { return Array(try value(of: template, surroundings).json.utf8) }
    guard let by = site.by else { return [] }
    let scope = Scope(event: JSONContent(correlatedEvent), in: surroundings)
    return Array(try by.expression.json(in: scope).json.utf8)
  }

  /// The run's event, with the correlation that its consequences have.
  private var correlatedEvent: JSONDocument {
    let event = scannedEvent
    guard event["correlationid"] == nil, let id = event["id"]?.string,
      case .object(let members) = JSONValue(event)
    else { return event.document }
    let correlated = JSONValue.object(members + [.init("correlationid", .string(id))])
    return (try? JSONDocument(Array(correlated.json.utf8))) ?? event.document
  }

  /// Whether an event, as the world sees it, is what the run waits for at this step.
  ///
  /// A condition that has no value does not hold.
  func accepts(_ event: JSONDocument, _ surroundings: ScopeSurroundings) -> Bool {
    guard let condition = step.awaited?.condition else { return true }
    let scope = Scope(
      event: JSONContent(event),
      trigger: JSONContent(scannedEvent.document),
      in: surroundings,
      results: results
    )
    return (try? condition.expression.holds(in: scope)) ?? false
  }

  /// The newest event that the run has heard: one that it reacts to, or that an earlier step has awaited.
  var lastHeard: LogPosition {
    let awaited = rule.steps.indices.compactMap { index -> Int64? in
      guard rule.steps[index].awaited != nil, let output = StepResults.output(of: index, in: run.outputs),
        let document = try? JSONDocument(output)
      else { return nil }
      return document.root["sequence"]?.string.flatMap { Int64($0) }
    }
    let first = run.inputs.last ?? run.position
    return awaited.max().map { max(first, LogPosition(rawValue: $0)) } ?? first
  }

  /// The results of the run once the event has come.
  func outputs(fulfilledBy event: [UInt8]) -> [UInt8] {
    StepResults.adding(event, of: run.step, to: run.outputs) ?? event
  }
}

extension Step.Await {
  /// The one type of the events that come in here; nil when there may be several.
  var type: String? {
    guard filter.types.count == 1, let type = filter.types.first, !type.isPrefix else { return nil }
    return type.text
  }

  /// The key of an event, as the world sees it; nil when it has none, so that nobody waits for it.
  func key(of event: JSONDocument, _ surroundings: ScopeSurroundings) -> [UInt8]? {
    guard let by else { return [] }
    let scope = Scope(event: JSONContent(event), in: surroundings)
    return (try? by.expression.json(in: scope)).map { Array($0.json.utf8) }
  }
}
