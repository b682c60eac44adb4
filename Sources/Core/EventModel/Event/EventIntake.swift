// SPDX-License-Identifier: Apache-2.0

/// The door through which producers' events enter: checks them and appends their canonical form to a batch.
///
/// Holds the scratch storage for that, so in a steady state taking an event in allocates nothing and makes
/// no `String`. One intake serves one caller at a time.
public struct EventIntake: Sendable {
  /// What a producer may leave out.
  public enum Form: Sendable {
    /// Only `type` is required; `id`, `source` and `time` are filled in.
    case shorthand
    /// `specversion`, `id`, `source` and `type` are required, as CloudEvents 1.0 says.
    case cloudEvents
  }

  /// What a producer may leave out.
  public let form: Form
  private let defaultSource: [UInt8]
  private let clock: any HostClock
  private var ids: EventIDGenerator
  private var tape = JSONTape()
  private var now = Timestamp(seconds: 0)
  private var nowText: [UInt8] = []

  /// Makes an intake whose events come from `defaultSource`, a URI reference, unless they say otherwise.
  public init(
    form: Form = .shorthand,
    defaultSource: String,
    clock: any HostClock,
    ids: EventIDGenerator = EventIDGenerator()
  ) {
    precondition(
      URIReference.isValid(Array(defaultSource.utf8).span) && !defaultSource.isEmpty,
      "the default source is not a URI reference"
    )
    self.form = form
    self.defaultSource = Array(defaultSource.utf8)
    self.clock = clock
    self.ids = ids
    beginBatch()
  }

  /// Reads the clock: events appended from now on are stamped with this instant if they carry no time.
  public mutating func beginBatch() {
    now = clock.now()
    nowText.removeAll(keepingCapacity: true)
    now.appendRFC3339(to: &nowText)
  }

  /// Checks one event and appends it to `batch`; after an error the batch is as it was.
  public mutating func append(_ text: Span<UInt8>, to batch: inout EventBatch) throws(EventError) {
    do throws(JSONError) {
      try tape.scan(text, limits: .event)
    } catch {
      throw EventError(error)
    }
    let attributes = try EventAttributes(tape, text, form)
    write(attributes, text, to: &batch)
  }

  private mutating func write(_ attributes: EventAttributes, _ text: Span<UInt8>, to batch: inout EventBatch)
  {
    let start = batch.bytes.count
    JSONWriter.append(#"{"specversion":"1.0","id":""# as StaticString, to: &batch.bytes)
    let id = writeContent(of: attributes.id, text, to: &batch.bytes) { intake, bytes in
      intake.ids.appendNext(at: intake.now, to: &bytes)
    }
    JSONWriter.append(#"","source":""# as StaticString, to: &batch.bytes)
    let source = writeContent(of: attributes.source, text, to: &batch.bytes) { intake, bytes in
      bytes.append(contentsOf: intake.defaultSource)
    }
    JSONWriter.append(#"","type":""# as StaticString, to: &batch.bytes)
    let type = writeContent(of: attributes.type, text, to: &batch.bytes) { _, _ in }
    JSONWriter.append("\"" as StaticString, to: &batch.bytes)
    if let subject = attributes.subject { writeString("subject", subject, text, to: &batch.bytes) }
    JSONWriter.append(#","time":""# as StaticString, to: &batch.bytes)
    _ = writeContent(of: attributes.time, text, to: &batch.bytes) { intake, bytes in
      bytes.append(contentsOf: intake.nowText)
    }
    JSONWriter.append("\"" as StaticString, to: &batch.bytes)
    if let type = attributes.contentType { writeString("datacontenttype", type, text, to: &batch.bytes) }
    if let schema = attributes.schema { writeString("dataschema", schema, text, to: &batch.bytes) }
    if attributes.hops > 0 {
      JSONWriter.append(",\"hops\":" as StaticString, to: &batch.bytes)
      JSONWriter.append(attributes.hops, to: &batch.bytes)
    }
    writeExtensions(text, to: &batch.bytes)
    if let data = attributes.data { writeData(data, attributes.isBase64, text, to: &batch.bytes) }
    batch.bytes.append(UInt8(ascii: "}"))
    batch.entries.append(
      EventBatch.Entry(
        json: start..<batch.bytes.count,
        id: id,
        source: source,
        type: type,
        hasDottedKeys: tape.hasDottedKeys
      )
    )
  }

  /// Writes the content of a string attribute, or what stands in for it, and returns where it lies.
  @inline(__always)
  private mutating func writeContent(
    of index: JSONTape.Index?,
    _ text: Span<UInt8>,
    to bytes: inout [UInt8],
    or substitute: (inout EventIntake, inout [UInt8]) -> Void
  ) -> Range<Int> {
    let start = bytes.count
    if let index {
      tape.appendCanonical(index, in: text, to: &bytes)
    } else {
      substitute(&self, &bytes)
    }
    return start..<bytes.count
  }

  private func writeString(
    _ name: StaticString,
    _ index: JSONTape.Index,
    _ text: Span<UInt8>,
    to bytes: inout [UInt8]
  ) {
    JSONWriter.append(",\"" as StaticString, to: &bytes)
    JSONWriter.append(name, to: &bytes)
    JSONWriter.append("\":\"" as StaticString, to: &bytes)
    tape.appendCanonical(index, in: text, to: &bytes)
    JSONWriter.append("\"" as StaticString, to: &bytes)
  }

  private func writeExtensions(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
    var key = 1
    while key < tape.end(0) {
      if tape.kind(key + 1) != .null && EventAttributes.Name.of(key, tape, text) == .other {
        JSONWriter.append(",\"" as StaticString, to: &bytes)
        tape.appendUnescaped(key, in: text, to: &bytes)
        JSONWriter.append("\":" as StaticString, to: &bytes)
        if tape.kind(key + 1) == .string {
          JSONWriter.append("\"" as StaticString, to: &bytes)
          tape.appendCanonical(key + 1, in: text, to: &bytes)
          JSONWriter.append("\"" as StaticString, to: &bytes)
        } else {
          bytes.append(text, tape.rawRange(key + 1))
        }
      }
      key = tape.end(key + 1)
    }
  }

  private func writeData(
    _ index: JSONTape.Index,
    _ isBase64: Bool,
    _ text: Span<UInt8>,
    to bytes: inout [UInt8]
  ) {
    JSONWriter.append(isBase64 ? #","data_base64":"# : #","data":"# as StaticString, to: &bytes)
    tape.appendCompact(index, in: text, to: &bytes)
  }
}
