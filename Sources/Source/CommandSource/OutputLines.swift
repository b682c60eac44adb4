// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

/// Cuts output into lines and makes events of them.
struct OutputLines {
  private let stream: String
  private let format: CommandPlan.Format
  private var intake: EventIntake
  private var line: [UInt8] = []
  private var isTruncated = false

  init(_ stream: String, _ format: CommandPlan.Format, _ context: SourceContext) {
    self.stream = stream
    self.format = format
    intake = EventIntake(defaultSource: context.name, clock: context.clock)
  }

  /// The events of the lines that end in these bytes.
  mutating func take(_ bytes: ArraySlice<UInt8>) -> EventBatch {
    var batch = EventBatch()
    intake.beginBatch()
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        endLine(&batch)
      } else if line.count < OutputReader.maximumLine {
        line.append(byte)
      } else {
        isTruncated = true
      }
    }
    return batch
  }

  /// The event of a last line without a line break.
  mutating func finish() -> EventBatch {
    var batch = EventBatch()
    if !line.isEmpty { endLine(&batch) }
    return batch
  }

  private mutating func endLine(_ batch: inout EventBatch) {
    defer {
      line.removeAll(keepingCapacity: true)
      isTruncated = false
    }
    guard format == .json, stream == "stdout", !isTruncated else { return appendText(nil, &batch) }
    do throws(EventError) {
      let line = line
      try intake.append(line.span, to: &batch)
    } catch {
      appendText(error, &batch)
    }
  }

  /// A line as it is; with the reason if it should have been an event.
  private mutating func appendText(_ error: EventError?, _ batch: inout EventBatch) {
    var data: [JSONValue.Member] = [
      .init("stream", .string(stream)), .init("line", .string(String(decoding: line, as: UTF8.self))),
    ]
    if isTruncated { data.append(.init("truncated", .bool(true))) }
    if let error { data.append(.init("error", .string("\(error)"))) }
    let event = CloudEvent(type: "command.output", data: .object(data))
    // A text of bounded length is always a valid event.
    try? intake.append(event, to: &batch)
  }
}
