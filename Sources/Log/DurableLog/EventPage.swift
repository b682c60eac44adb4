// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Events read from the log, in one buffer.
public struct EventPage: Sendable, Hashable {
  /// One event of a page.
  public struct Entry: Sendable, Hashable {
    /// Where the event stands in the log.
    public let position: LogPosition
    /// When the log took it.
    public let recorded: Timestamp
    /// Its canonical JSON in the page's buffer.
    public let json: Range<Int>
  }

  /// The buffer.
  public private(set) var bytes: [UInt8] = []
  /// The events, ascending.
  public private(set) var entries: [Entry] = []

  /// After how many bytes a page that is read from a log ends.
  public static let mostBytes = 8 << 20

  /// Makes an empty page.
  public init() {}

  /// Whether the log may have more behind a page that was to hold at most `limit` events.
  public func isFull(_ limit: Int) -> Bool { entries.count == limit || bytes.count >= Self.mostBytes }

  /// Adds an event.
  public mutating func append(position: LogPosition, recorded: Timestamp, json: some Sequence<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: json)
    entries.append(Entry(position: position, recorded: recorded, json: start..<bytes.count))
  }

  /// Puts other content in the place of an event's, of which nothing is left.
  mutating func replace(_ index: Int, json: some Sequence<UInt8>) {
    for place in entries[index].json { bytes[place] = 0 }
    let start = bytes.count
    bytes.append(contentsOf: json)
    let (position, recorded) = (entries[index].position, entries[index].recorded)
    entries[index] = Entry(position: position, recorded: recorded, json: start..<bytes.count)
  }

  /// The canonical JSON of an event.
  public func json(_ index: Int) -> ArraySlice<UInt8> { bytes[entries[index].json] }

  /// Appends an event as the world sees it: its canonical JSON with `sequence` and `recordedtime` stamped in.
  public func appendStamped(_ index: Int, to output: inout [UInt8]) {
    let entry = entries[index]
    EventStamp.append(
      bytes.span.extracting(entry.json),
      position: entry.position,
      recorded: entry.recorded,
      to: &output
    )
  }
}

/// The attributes that the host adds to an event when it leaves the log.
public enum EventStamp {
  /// By how many bytes an event grows at most.
  public static let greatestLength = 96

  /// Appends `canonical` with `sequence` and `recordedtime` as its last members.
  ///
  /// `sequence` is a string, as the CloudEvents extension of that name says, since positions may exceed the
  /// 32 bits of a CloudEvents integer.
  public static func append(
    _ canonical: Span<UInt8>,
    position: LogPosition,
    recorded: Timestamp,
    to output: inout [UInt8]
  ) {
    var time: [UInt8] = []
    recorded.appendRFC3339(to: &time)
    append(canonical, position: position, recorded: time, to: &output)
  }

  /// The same with the time as text.
  public static func append(
    _ canonical: Span<UInt8>,
    position: LogPosition,
    recorded: [UInt8],
    to output: inout [UInt8]
  ) {
    output.reserveCapacity(output.count + canonical.count + greatestLength)
    canonical.extracting(droppingLast: 1).withUnsafeBufferPointer { output.append(contentsOf: $0) }
    JSONWriter.append(#","sequence":""# as StaticString, to: &output)
    JSONWriter.append(position.rawValue, to: &output)
    JSONWriter.append(#"","recordedtime":""# as StaticString, to: &output)
    output.append(contentsOf: recorded)
    JSONWriter.append("\"}" as StaticString, to: &output)
  }
}
