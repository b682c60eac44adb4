// SPDX-License-Identifier: Apache-2.0

import DurableLog

/// How an attempt to decide on a command went.
struct DecisionAttempt: Sendable {
  let outcome: Result<LogReceipt, any Error>
  let decision: Decision?
  /// The reading of the state that was built on; nil when it is not kept.
  let reading: UInt64?

  init(_ outcome: Result<LogReceipt, any Error>, _ decision: Decision?, _ reading: UInt64?) {
    self.outcome = outcome
    self.decision = decision
    self.reading = reading
  }
}
