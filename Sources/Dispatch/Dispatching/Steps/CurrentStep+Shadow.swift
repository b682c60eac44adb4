// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import PluginWire
import Rules

/// Steps of which it is only noted what would be done.
extension CurrentStep {
  /// What the step would ask for that has an effect outside of its run; nil for any other step.
  func shadowWork(_ surroundings: ScopeSurroundings) throws(EvaluationError) -> Work? {
    switch step.action {
    case .emit(let template): return .emit(try bytes(of: template, surroundings))
    case .invoke(let plugin, let action, let with):
      let request = request(action, step.timeout, with: try bytes(of: with, surroundings))
      return .deliver(plugin: plugin, request)
    case .awaits(let site):
      // Nobody is asked, so there is nothing to wait for.
      guard let question = site.question else { return nil }
      let text = Self.text(try value(of: question, surroundings))
      return .awaits(Awaiting(site: site.site, key: [], within: nil, question: text))
    case .fork(let fork):
      guard case .call(let rule, _) = fork.kind else { return nil }
      return .branches(.make(BranchWork.Making(rule: rule, seeds: [], concurrency: 1)))
    case .wait, .set, .fail, .choose, .undo: return nil
    }
  }
}

extension CurrentStep.Work {
  /// What is done or would be, as a JSON value: the parameters, the event, the question, or the rule that is called; nil for what
  /// nobody else notices.
  var deed: [UInt8]? {
    switch self {
    case .deliver(_, let request): request.with
    case .emit(let event): event
    case .shadow(let work): work.deed
    case .awaits(let awaiting): awaiting.question.map { Array(JSONValue.string($0).json.utf8) }
    case .branches(.make(let making)): Array(JSONValue.string(making.rule).json.utf8)
    case .fail(let reason), .impossible(let reason): Array(JSONValue.string(reason).json.utf8)
    case .pass, .hold, .branches, .note, .takeBack, .goOn: nil
    }
  }
}
