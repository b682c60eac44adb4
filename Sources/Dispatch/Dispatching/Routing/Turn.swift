// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// Names what a listener is given one after another.
enum Turn {
  /// The name of an event's turn at a listener.
  ///
  /// Events for which the key has no value have one turn together: in doubt, order is kept.
  static func name(of listener: String, _ order: Key, in scope: Scope) -> [UInt8] {
    let value = try? order.expression.json(in: scope)
    return SuccessionName(owner: listener, key: Array((value ?? .null).json.utf8)).bytes
  }
}
