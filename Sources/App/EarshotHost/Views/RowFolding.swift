// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import Projections
import Rules

/// Makes rows of views for conditions that look them up.
struct RowFolding: ViewFolding {
  private let folder = RowFolder()

  func row(
    _ before: (any Sendable)?,
    of view: ViewDefinition,
    key: String,
    after page: EventPage,
    _ index: Int
  )
    throws -> (any Sendable)?
  {
    try folder.row(before as? RowFolder.Row, of: view, key: key, after: page, index)
  }

  func json(_ row: (any Sendable)?, of view: ViewDefinition, key: String) -> JSONValue {
    folder.json(row as? RowFolder.Row, of: view, key: key)
  }
}
