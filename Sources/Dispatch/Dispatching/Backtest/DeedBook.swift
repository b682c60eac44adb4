// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import PluginWire
import Rules
import Synchronization

/// Notes what the runs of one side do.
final class DeedBook: Sendable {
  /// How many causes are remembered whose actions may emit events.
  private static let keptCauses = 65_536

  private struct Causes {
    var recent: Set<Fingerprint> = []
    var older: Set<Fingerprint> = []
  }

  private let log: WorkingLog
  private let causes = Mutex(Causes())

  init(_ log: WorkingLog) { self.log = log }

  /// Notes what a step asks for, if that is seen outside of its run.
  func note(_ step: CurrentStep, _ work: CurrentStep.Work) {
    let kind: BacktestReport.DeedKind
    let value: [UInt8]
    switch work {
    case .deliver(_, let request):
      (kind, value) = (.action, request.with)
      noteCause(of: step)
    case .emit(let event): (kind, value) = (.emit, event)
    case .fail(let reason): (kind, value) = (.fail, Self.json(reason))
    case .impossible(let reason): (kind, value) = (.impossible, Self.json(reason))
    case .awaits(let awaiting):
      guard let question = awaiting.question else { return }
      (kind, value) = (.ask, Self.json(question))
    case .shadow(let work): return note(step, work)
    case .pass, .hold, .note, .goOn, .takeBack, .branches: return
    }
    let now = log.host.now()
    log.note(
      { firing in
        RuleFiring.Deed(
          step: step.rule.id == firing.rule ? step.step.id : "\(step.rule.id).\(step.step.id)",
          kind: kind,
          value: value,
          offset: now - firing.began
        )
      },
      by: step.run.id
    )
  }

  private static func json(_ text: String) -> [UInt8] { Array(JSONValue.string(text).json.utf8) }

  private func noteCause(of step: CurrentStep) {
    guard let (id, _) = CanonicalEvent.identity(step.event) else { return }
    let cause = Fingerprint(step.event[id])
    causes.withLock { causes in
      if causes.recent.count >= Self.keptCauses { causes = Causes(older: causes.recent) }
      causes.recent.insert(cause)
      causes.recent.insert(cause.with(Fingerprint(step.rule.id)))
    }
  }

  /// Whether an action was called here that may have emitted what was emitted in the past.
  func has(_ reply: RecordedGroup.Reply) -> Bool {
    let name = reply.rule.map { reply.cause.with(Fingerprint($0)) } ?? reply.cause
    return causes.withLock { $0.recent.contains(name) || $0.older.contains(name) }
  }
}
