// SPDX-License-Identifier: Apache-2.0

import EventModel
import Rules

/// What is to be done so that the tables of a database are those of some views; pure.
struct ViewPlan {
  /// The tables that are not needed any more.
  private(set) var dropped: [ViewRecord] = []
  /// The tables that are to be made.
  private(set) var made: [(view: ViewDefinition, record: ViewRecord)] = []
  /// What people are told.
  private(set) var text: [String] = []
  private var kept: [ViewRecord] = []
  /// The views whose tables answer and are of another log.
  private var foreign: Set<String> = []
  private let views: [String: ViewDefinition]
  private let end: LogPosition
  private var generation: Int64

  /// Compares tables with definitions; `end` is where the log ends.
  init(_ before: [ViewRecord], _ views: [ViewDefinition], end: LogPosition) {
    self.views = Dictionary(views.map { ($0.id, $0) }) { first, _ in first }
    self.end = end
    generation = before.map(\.generation).max() ?? 0
    for record in before {
      let view = self.views[record.view]
      // A table that answers stays until another one takes its place; one that is built, only while it is of use.
      if view != nil, !record.isShadow || record.revision == view?.revision {
        kept.append(record)
      } else {
        dropped.append(record)
        if !record.isShadow, view == nil {
          text.append("the view '\(record.view)' is gone: its table is dropped")
        }
      }
    }
    for view in views {
      guard let record = live(view.id) else {
        make(view, table: view.id)
        continue
      }
      guard record.revision != view.revision else { continue }
      text.append("the view '\(view.id)' is built anew: its definition has changed")
      if shadow(view.id) == nil { make(view, table: ViewRecord.shadow(of: view.id)) }
    }
  }

  /// Whether a table goes on as it is.
  func keeps(_ record: ViewRecord) -> Bool {
    kept.contains(record) && record.revision == views[record.view]?.revision
  }

  /// Has a view built anew whose table is not of the log, unless that is under way.
  mutating func rebuild(_ name: String, _ reason: String) {
    guard let view = views[name] else { return }
    foreign.insert(name)
    if shadow(name) == nil { make(view, table: ViewRecord.shadow(of: name)) }
    text.append("the view '\(name)' is built anew: \(reason)")
  }

  /// Has a view built anew from the beginning, also when that is under way.
  mutating func restart(_ name: String) {
    guard let view = views[name] else { return }
    dropped += kept.filter { $0.isShadow && $0.view == name }
    kept.removeAll { $0.isShadow && $0.view == name }
    made.removeAll { $0.record.isShadow && $0.view.id == name }
    make(view, table: ViewRecord.shadow(of: name))
  }

  /// The tables that are on their way, with their views.
  var followed: [(ViewDefinition, ViewRecord)] {
    (kept.filter { !isFrozen($0) } + made.map(\.record)).compactMap { record in
      views[record.view].map { ($0, record) }
    }
  }

  /// The tables that answer and are not followed, since they are of another definition or log.
  var frozen: [ViewRecord] { kept.filter(isFrozen) }

  private func isFrozen(_ record: ViewRecord) -> Bool {
    record.revision != views[record.view]?.revision || (!record.isShadow && foreign.contains(record.view))
  }

  private func live(_ name: String) -> ViewRecord? { kept.first { $0.view == name && !$0.isShadow } }

  private func shadow(_ name: String) -> ViewRecord? { kept.first { $0.view == name && $0.isShadow } }

  private mutating func make(_ view: ViewDefinition, table: String) {
    generation += 1
    made.append((view, ViewRecord(view, table: table, generation: generation, target: end)))
  }
}
