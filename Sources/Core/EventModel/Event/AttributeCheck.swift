// SPDX-License-Identifier: Apache-2.0

/// Checks the value of one attribute and words what is wrong with it.
struct AttributeCheck {
  let key: JSONTape.Index

  private var value: JSONTape.Index { key + 1 }

  /// Checks for a non-empty string of allowed characters; `flaw` says what else is wrong, if anything.
  @discardableResult
  func string(
    _ tape: JSONTape,
    _ text: Span<UInt8>,
    flaw: (Span<UInt8>) -> String? = { _ in nil }
  ) throws(EventError) -> JSONTape.Index {
    guard tape.kind(value) == .string else { throw error(tape, text, "must be a string") }
    if tape.isEscaped(value) {
      try check(tape.unescaped(value, in: text).span, tape, text, flaw)
    } else {
      try check(text.extracting(tape.range(value)), tape, text, flaw)
    }
    return value
  }

  private func check(
    _ content: Span<UInt8>,
    _ tape: JSONTape,
    _ text: Span<UInt8>,
    _ flaw: (Span<UInt8>) -> String?
  ) throws(EventError) {
    if content.isEmpty { throw error(tape, text, "must not be empty") }
    guard AttributeRules.isCleanString(content) else {
      throw error(tape, text, "holds a control character or a noncharacter")
    }
    if let flaw = flaw(content) { throw error(tape, text, flaw) }
  }

  /// Checks an extension: a Boolean, a 32-bit integer or a string.
  func extensionValue(_ tape: JSONTape, _ text: Span<UInt8>) throws(EventError) {
    switch tape.kind(value) {
    case .true, .false: return
    case .number:
      guard let integer = tape.int64(value, in: text), Int32(exactly: integer) != nil else {
        throw error(tape, text, "must be an integer of 32 bits")
      }
    case .string:
      let isClean =
        tape.isEscaped(value)
        ? AttributeRules.isCleanString(tape.unescaped(value, in: text).span)
        : AttributeRules.isCleanString(text.extracting(tape.range(value)))
      guard isClean else { throw error(tape, text, "holds a control character or a noncharacter") }
    default: throw error(tape, text, "must be a Boolean, an integer or a string")
    }
  }

  /// Checks the hop count.
  func hops(_ tape: JSONTape, _ text: Span<UInt8>) throws(EventError) -> UInt8 {
    guard let hops = tape.int64(value, in: text), hops >= 0 else {
      throw error(tape, text, "must be a number from 0 to \(EventFormat.maximumHops)")
    }
    guard hops <= EventFormat.maximumHops else {
      throw EventError(
        .tooManyHops,
        at: tape.rawRange(value).lowerBound,
        "the event is the result of more than \(EventFormat.maximumHops) events in a row, which is taken for a loop"
      )
    }
    return UInt8(hops)
  }

  private func error(_ tape: JSONTape, _ text: Span<UInt8>, _ flaw: String) -> EventError {
    EventError(
      .badAttribute,
      at: tape.rawRange(value).lowerBound,
      "the attribute '\(tape.string(key, in: text))' \(flaw)"
    )
  }
}
