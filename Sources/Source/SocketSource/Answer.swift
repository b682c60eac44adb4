// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

/// The lines that the event socket answers with.
enum Answer {
  /// Appends what became of an event.
  static func append(_ outcome: AppendOutcome, to bytes: inout [UInt8]) {
    switch outcome {
    case .appended(let position):
      JSONWriter.append(#"{"position":"# as StaticString, to: &bytes)
      JSONWriter.append(position.rawValue, to: &bytes)
    case .duplicate(let position):
      JSONWriter.append(#"{"duplicate":"# as StaticString, to: &bytes)
      JSONWriter.append(position.rawValue, to: &bytes)
    }
    JSONWriter.append("}\n" as StaticString, to: &bytes)
  }

  /// Appends why a line is not in the log.
  static func append(error code: String, _ message: String, at offset: Int?, to bytes: inout [UInt8]) {
    JSONWriter.append(#"{"error":{"code":"# as StaticString, to: &bytes)
    JSONWriter.append(code, to: &bytes)
    JSONWriter.append(#","message":"# as StaticString, to: &bytes)
    JSONWriter.append(message, to: &bytes)
    if let offset {
      JSONWriter.append(#","offset":"# as StaticString, to: &bytes)
      JSONWriter.append(offset, to: &bytes)
    }
    JSONWriter.append("}}\n" as StaticString, to: &bytes)
  }
}
