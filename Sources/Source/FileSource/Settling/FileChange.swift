// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

/// One change of the snapshot, with the event that tells of it unless it is silent.
struct FileChange {
  struct Report {
    var kind: FilePlan.Kind
    var path: [UInt8]
    var facts: FileFacts
    var from: [UInt8]?
    var isRecovered: Bool
  }

  var report: Report?
  var checkpoint: [CheckpointChange]
}

/// Where changes go; may wait.
protocol ChangeSink {
  func take(_ change: FileChange) throws
  /// Takes the news that the kernel has lost notifications.
  func takeOverflow() throws
}

extension FilePlan {
  /// The event that tells of lost notifications: some changes at these paths will only be told of as `recovered`, and of
  /// several changes of one path only what they have come to.
  var overflow: CloudEvent {
    CloudEvent(type: "file.overflow", data: ["paths": .array(paths.map { .string($0) })])
  }
}

extension FileChange.Report {
  /// The event in the form that an intake takes.
  var event: CloudEvent {
    let text = PathText(path)
    var data: [JSONValue.Member] = [
      .init("path", .string(text.text)),
      .init("name", .string(PathText(PathText.name(path)).text)),
      .init("dir", .string(PathText(PathText.folder(path)).text)),
      .init("size", .number("\(facts.size)")),
      .init("mtime", .string(Self.moment(facts.modified).rfc3339)),
      .init("is_dir", .bool(facts.isDirectory)),
    ]
    if let from { data.append(.init("from", .string(PathText(from).text))) }
    if text.isEscaped { data.append(.init("path_hex", .string(Self.hex(path)))) }
    if let from, PathText(from).isEscaped { data.append(.init("from_hex", .string(Self.hex(from)))) }
    if isRecovered { data.append(.init("recovered", true)) }
    return CloudEvent(type: "file.\(kind.rawValue)", subject: text.attribute, data: .object(data))
  }

  /// The instant of a modification time, within the years that can be written.
  private static func moment(_ nanoseconds: Int64) -> Timestamp {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return rest < 0
      ? Timestamp(seconds: seconds - 1, nanoseconds: Int32(rest + 1_000_000_000))
      : Timestamp(seconds: seconds, nanoseconds: Int32(rest))
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined()
  }
}
