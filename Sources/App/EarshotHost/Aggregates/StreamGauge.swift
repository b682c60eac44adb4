// SPDX-License-Identifier: Apache-2.0

import Dispatching
import Rules
import Synchronization

/// Tells whether an aggregate's streams have all their events; of a dispatcher that is made later.
final class StreamGauge: Sendable {
  private let dispatcher = Mutex<Dispatcher?>(nil)

  /// Says whom to ask.
  func look(at dispatcher: Dispatcher) { self.dispatcher.withLock { $0 = dispatcher } }

  func isComplete(_ aggregate: Aggregate) -> Bool {
    dispatcher.withLock { $0 }?.hasStreams(of: aggregate) ?? false
  }
}
