// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventSources

/// The way into the log for one source; what cannot be stored is refused at once.
struct LogSink: EventSink {
  let log: any DurableLog
  let source: String

  func append(
    _ batch: SourceBatch,
    completion: @escaping @Sendable (Result<[AppendOutcome], any Error>) -> Void
  ) {
    let source = batch.checkpoint.isEmpty ? nil : source
    log.submit(LogChange(events: batch.events, source: source, checkpoint: batch.checkpoint)) { result in
      completion(result.map(\.outcomes).mapError { $0 })
    }
  }
}
