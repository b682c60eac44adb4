// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Matching

/// Finds the patterns that events of a batch match, and reads an event only if some pattern looks further than its type and
/// source.
///
/// A copy keeps scratch storage of its own, so one copy serves one thread at a time.
struct BatchMatcher: Sendable {
  private let matcher: PatternMatcher
  private let needsText: Bool
  private var scratch = MatchScratch()

  init(_ patterns: [EventPattern]) {
    matcher = PatternMatcher(patterns)
    needsText = !matcher.needsOnlyTypeAndSource
  }

  /// How the patterns are filed, in words.
  var outline: String { matcher.outline }

  /// The indices of the patterns that the last event matched, ascending.
  var matched: [Int] { scratch.matched }

  /// Matches an event.
  mutating func match(_ index: Int, of batch: EventBatch) {
    let event = batch.entries[index]
    let type = batch.bytes[event.type]
    let source = batch.bytes[event.source]
    // What is escaped in the batch has to be read before it can be compared.
    if needsText || type.contains(UInt8(ascii: "\\")) || source.contains(UInt8(ascii: "\\")) {
      matcher.match(
        valid: batch.bytes.span.extracting(event.json),
        hasDottedKeys: event.hasDottedKeys,
        &scratch
      )
    } else {
      matcher.match(type: event.type, source: event.source, of: batch.bytes.span, &scratch)
    }
  }
}

extension EventPage {
  /// A recorded event as one that is to be matched.
  func batch(_ entry: Int, _ clock: any HostClock) throws -> EventBatch {
    var intake = EventIntake(defaultSource: "earshot", clock: clock)
    var batch = EventBatch()
    do { try intake.append(Array(json(entry)).span, to: &batch) } catch {
      throw LogFailure(.corrupt, "a recorded event is not valid: \(error)")
    }
    return batch
  }
}
