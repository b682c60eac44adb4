// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Matching
import Rules

/// Finds the entries of views that an event matches.
///
/// A copy keeps scratch storage of its own, so one copy serves one thread at a time.
struct ViewMatcher {
  /// An entry of a view, by their places.
  struct Hit: Hashable {
    let view: Int
    let entry: Int
  }

  private let matcher: PatternMatcher
  private let owners: [Hit]
  private let looksFurther: Bool
  private var scratch = MatchScratch()

  /// Makes a matcher; one that looks only at types and sources finds more than the entries say.
  init(_ views: [ViewDefinition], onlyTypeAndSource: Bool = false) {
    var patterns: [EventPattern] = []
    var owners: [Hit] = []
    for (index, view) in views.enumerated() {
      patterns += view.entries.map { entry in
        var trigger = entry.trigger
        if onlyTypeAndSource { trigger.pattern = nil }
        return trigger.wholePattern
      }
      owners += view.entries.indices.map { Hit(view: index, entry: $0) }
    }
    matcher = PatternMatcher(patterns)
    looksFurther = !matcher.needsOnlyTypeAndSource
    self.owners = owners
  }

  /// The entries that an event of a page matches, those of a view together and in order.
  mutating func hits(_ index: Int, of page: EventPage) -> some Sequence<Hit> {
    // What patterns only of type and source name stands at the beginning, whatever keys there are behind it.
    let text = page.bytes.span.extracting(page.entries[index].json)
    matcher.match(valid: text, hasDottedKeys: looksFurther, &scratch)
    return scratch.matched.lazy.map { [owners] in owners[$0] }
  }
}

extension EventPage {
  /// What was checked when it was recorded need not be looked through for keys that repeat.
  private static let checked = JSONLimits(
    maximumBytes: JSONLimits.stored.maximumBytes,
    maximumDepth: JSONLimits.stored.maximumDepth,
    allowsDuplicateKeys: true
  )

  /// An event as expressions see it, with its position and the time of recording.
  ///
  /// Nil for one that was erased: what is left of it says nothing.
  func content(_ index: Int) throws -> JSONContent? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries[index].json.count + EventStamp.greatestLength)
    appendStamped(index, to: &bytes)
    var tape = JSONTape(expecting: bytes.count / 16)
    do throws(JSONError) { try tape.scan(bytes.span, limits: Self.checked) } catch {
      throw LogFailure(.corrupt, "the event at position \(entries[index].position) is not JSON: \(error)")
    }
    if let mark = tape.member("erased", of: 0, in: bytes.span), tape.kind(mark) == .true { return nil }
    return JSONContent(bytes, tape)
  }
}
