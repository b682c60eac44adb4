// SPDX-License-Identifier: Apache-2.0

/// Many events in their canonical form, one after another in one buffer.
///
/// Canonical means: one JSON object without line breaks, the attributes first and in a fixed order
/// (`specversion`, `id`, `source`, `type`, `subject`, `time`, `datacontenttype`, `dataschema`, extensions,
/// `data` or `data_base64`), attribute strings with no more escapes than JSON demands. Two equal ids are
/// therefore equal bytes.
public struct EventBatch: Sendable {
  /// Where one event and its identifying attributes lie in the buffer.
  public struct Entry: Sendable, Hashable {
    /// The whole event.
    public let json: Range<Int>
    /// The content of the `id` string, as written in JSON, without quotes.
    public let id: Range<Int>
    /// The content of the `source` string, likewise.
    public let source: Range<Int>
    /// The content of the `type` string, likewise.
    public let type: Range<Int>
    /// Whether any key within the event holds a dot.
    public let hasDottedKeys: Bool

    func moved(by start: Int) -> Entry {
      func move(_ range: Range<Int>) -> Range<Int> { range.lowerBound + start..<range.upperBound + start }
      return Entry(
        json: move(json),
        id: move(id),
        source: move(source),
        type: move(type),
        hasDottedKeys: hasDottedKeys
      )
    }
  }

  /// The buffer.
  public internal(set) var bytes: [UInt8] = []
  /// The events in the order in which they were appended.
  public internal(set) var entries: [Entry] = []

  /// Makes an empty batch.
  public init() {}

  /// The number of events.
  public var count: Int { entries.count }

  /// Whether there is no event.
  public var isEmpty: Bool { entries.isEmpty }

  /// The canonical JSON of an event.
  public func json(_ index: Int) -> ArraySlice<UInt8> { bytes[entries[index].json] }

  /// The value of an event's `id`.
  public func id(_ index: Int) -> String { string(entries[index].id) }

  /// The value of an event's `source`.
  public func source(_ index: Int) -> String { string(entries[index].source) }

  /// The value of an event's `type`.
  public func type(_ index: Int) -> String { string(entries[index].type) }

  /// Appends the events of another batch.
  public mutating func append(_ other: EventBatch) {
    let start = bytes.count
    bytes.append(contentsOf: other.bytes)
    entries.append(contentsOf: other.entries.lazy.map { $0.moved(by: start) })
  }

  /// Writes another id of the same length over that of an event; it must need no escapes.
  public mutating func replaceID(_ index: Int, with id: [UInt8]) {
    let range = entries[index].id
    precondition(range.count == id.count, "an id is replaced by one of its length")
    for (place, byte) in zip(range, id) { bytes[place] = byte }
  }

  /// Removes all events.
  public mutating func removeAll(keepingCapacity: Bool = false) {
    bytes.removeAll(keepingCapacity: keepingCapacity)
    entries.removeAll(keepingCapacity: keepingCapacity)
  }

  private func string(_ range: Range<Int>) -> String {
    let quoted = [UInt8(ascii: "\"")] + bytes[range] + [UInt8(ascii: "\"")]
    guard let document = try? JSONDocument(quoted) else { preconditionFailure("a batch holds valid JSON") }
    return document.root.string ?? ""
  }
}
