// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Rules
import Synchronization

/// Folds single rows of views from the events that concern them.
///
/// Of an event that changes several rows only the change of this one is looked at. Safe to use from any thread.
public final class RowFolder: Sendable {
  /// A row between two events; opaque.
  public struct Row: Sendable, Hashable {
    let row: ViewRow?
  }

  private let matchers = Mutex<[String: ViewMatcher]>([:])

  /// Makes a folder.
  public init() {}

  /// The row of a key after an event of a page; nil stands for the row before its first event.
  ///
  /// An event that cannot be folded changes nothing. - Throws: `ViewFailure` for one at which the view stops.
  public func row(_ before: Row?, of view: ViewDefinition, key: String, after page: EventPage, _ index: Int)
    throws -> Row
  {
    let entries = matchers.withLock { matchers in
      var matcher = matchers[view.revision] ?? ViewMatcher([view])
      defer { matchers[view.revision] = matcher }
      return matcher.hits(index, of: page).map(\.entry)
    }
    let wanted = RowKey(Array(key.utf8))
    var rows = OneRow(key: wanted, row: before?.row)
    // Of an event that was erased nothing is left to fold.
    guard let event = try page.content(index) else { return Row(row: before?.row) }
    let failure = try ViewFold(view: view).fold(event, entries: entries, into: &rows) { $0 == wanted }
    if let failure, view.onError == .stop {
      throw ViewFailure(
        .stopped,
        "the view stops at the event at position \(page.entries[index].position): \(failure.message)"
      )
    }
    return Row(row: rows.row)
  }

  /// What people see of a row; null when there is none.
  public func json(_ row: Row?, of view: ViewDefinition, key: String) -> JSONValue {
    row?.row.map { ViewRows.json(key, $0, view.columns.map(\.name)) } ?? .null
  }
}

/// A store of the one row that matters.
private struct OneRow: RowStore {
  let key: RowKey
  var row: ViewRow?

  func row(_ key: RowKey) -> ViewRow? { key == self.key ? row : nil }

  mutating func put(_ key: RowKey, _ row: ViewRow?, changed: ColumnSet) {
    if key == self.key { self.row = row }
  }
}
