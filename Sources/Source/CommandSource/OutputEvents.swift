// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

/// Makes events of what a program writes.
struct OutputEvents: Sendable {
  /// Where a program writes to.
  enum Stream: Int, Sendable {
    case output
    case error

    var name: StaticString { self == .output ? "stdout" : "stderr" }
  }

  /// The longest text of one event.
  static let longestLine = 64 << 10

  private let format: CommandPlan.Format
  private var intake: EventIntake
  private var cutters: [OutputLines]
  private var batch = EventBatch()

  init(_ format: CommandPlan.Format, _ context: SourceContext) {
    self.format = format
    intake = EventIntake(defaultSource: context.name, clock: context.clock)
    // One byte more than an event may have, so that none is taken for whole that was cut.
    let event = format == .json ? JSONLimits.event.maximumBytes + 1 : Self.longestLine
    cutters = [OutputLines(limit: event), OutputLines(limit: Self.longestLine)]
  }

  mutating func beginBatch() { intake.beginBatch() }

  mutating func releaseBatch() -> EventBatch {
    defer { batch = EventBatch() }
    return batch
  }

  mutating func take(_ bytes: ArraySlice<UInt8>, _ stream: Stream) {
    for line in cutters[stream.rawValue].take(bytes) { append(line, stream) }
  }

  /// The stream is over, which also ends a line.
  mutating func finish(_ stream: Stream) {
    if let line = cutters[stream.rawValue].finish() { append(line, stream) }
  }

  private mutating func append(_ line: OutputLines.Line, _ stream: Stream) {
    guard format == .json, stream == .output else { return appendText(line, stream, refused: nil) }
    guard !line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return }
    do throws(EventError) {
      try intake.append(line.bytes.span, to: &batch)
    } catch {
      appendText(line, stream, refused: error)
    }
  }

  private mutating func appendText(_ line: OutputLines.Line, _ stream: Stream, refused: EventError?) {
    var text: [UInt8] = []
    let isTruncated = line.isTruncated || line.bytes.count > Self.longestLine
    JSONWriter.append(#"{"type":"command.output","data":{"line":"# as StaticString, to: &text)
    JSONWriter.append(String(decoding: line.bytes.prefix(Self.longestLine), as: UTF8.self), to: &text)
    JSONWriter.append(#","stream":""# as StaticString, to: &text)
    JSONWriter.append(stream.name, to: &text)
    JSONWriter.append(
      isTruncated ? #"","truncated":true"# : #"","truncated":false"# as StaticString,
      to: &text
    )
    if let refused {
      JSONWriter.append(#","error":"# as StaticString, to: &text)
      JSONWriter.append(refused.description, to: &text)
    }
    JSONWriter.append("}}" as StaticString, to: &text)
    do throws(EventError) {
      try intake.append(text.span, to: &batch)
    } catch {
      preconditionFailure("an event that is made here is valid: \(error)")
    }
  }
}
