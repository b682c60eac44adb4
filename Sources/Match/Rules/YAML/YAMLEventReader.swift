// SPDX-License-Identifier: Apache-2.0

import CYAML

/// One step of the way through a document, as libyaml reports it.
struct YAMLEvent {
  enum Kind: Hashable {
    case streamStart, streamEnd
    case documentStart(isExplicit: Bool)
    case documentEnd(isExplicit: Bool)
    case alias
    case scalar
    case sequenceStart(isFlow: Bool)
    case sequenceEnd
    case mappingStart(isFlow: Bool)
    case mappingEnd
  }

  enum Style: Character {
    case plain = ":"
    case singleQuoted = "'"
    case doubleQuoted = "\""
    case literal = "|"
    case folded = ">"
  }

  let kind: Kind
  let range: Range<Int>
  /// The anchor that is set, or that an alias names.
  var anchor: String?
  var tag: String?
  /// A scalar's text.
  var text = ""
  var style = Style.plain
}

/// Reads the events of one YAML stream with libyaml.
///
/// The text is copied once and kept for as long as the reader lives, which is what libyaml asks for.
final class YAMLEventReader {
  private var parser = yaml_parser_t()
  private let input: UnsafeMutableBufferPointer<UInt8>
  private let offsets: CharacterOffsets

  init(_ bytes: [UInt8]) {
    input = .allocate(capacity: max(bytes.count, 1))
    _ = input.initialize(from: bytes)
    offsets = CharacterOffsets(bytes)
    yaml_parser_initialize(&parser)
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    yaml_parser_set_input_string(&parser, input.baseAddress.map { $0 + start }, bytes.count - start)
  }

  deinit {
    yaml_parser_delete(&parser)
    input.deallocate()
  }

  /// The next event; not to be called after `streamEnd` or an error.
  func next() throws(YAMLError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(&parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    return convert(event)
  }

  private func offset(_ mark: yaml_mark_t) -> Int { offsets.offset(ofCharacter: Int(mark.index)) }

  private func convert(_ event: yaml_event_t) -> YAMLEvent {
    let range = offset(event.start_mark)..<max(offset(event.start_mark), offset(event.end_mark))
    switch event.type {
    case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, range: range)
    case YAML_STREAM_END_EVENT: return YAMLEvent(kind: .streamEnd, range: range)
    case YAML_DOCUMENT_START_EVENT:
      return YAMLEvent(
        kind: .documentStart(isExplicit: event.data.document_start.implicit == 0),
        range: range
      )
    case YAML_DOCUMENT_END_EVENT:
      return YAMLEvent(kind: .documentEnd(isExplicit: event.data.document_end.implicit == 0), range: range)
    case YAML_ALIAS_EVENT:
      return YAMLEvent(kind: .alias, range: range, anchor: text(event.data.alias.anchor))
    case YAML_SCALAR_EVENT: return scalar(event.data.scalar, range)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return YAMLEvent(
        kind: .sequenceStart(isFlow: start.style == YAML_FLOW_SEQUENCE_STYLE),
        range: range,
        anchor: text(start.anchor),
        tag: text(start.tag)
      )
    case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, range: range)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return YAMLEvent(
        kind: .mappingStart(isFlow: start.style == YAML_FLOW_MAPPING_STYLE),
        range: range,
        anchor: text(start.anchor),
        tag: text(start.tag)
      )
    default: return YAMLEvent(kind: .mappingEnd, range: range)
    }
  }

  private typealias ScalarData = yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar

  private func scalar(_ data: ScalarData, _ range: Range<Int>) -> YAMLEvent {
    let style: YAMLEvent.Style =
      switch data.style {
      case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
      case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
      case YAML_LITERAL_SCALAR_STYLE: .literal
      case YAML_FOLDED_SCALAR_STYLE: .folded
      default: .plain
      }
    let content = UnsafeBufferPointer(start: data.value, count: Int(data.length))
    return YAMLEvent(
      kind: .scalar,
      range: range,
      anchor: text(data.anchor),
      tag: text(data.tag),
      text: String(decoding: content, as: UTF8.self),
      style: style
    )
  }

  private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(decodingCString: $0, as: UTF8.self) }
  }

  private func failure() -> YAMLError {
    let problem = parser.problem.map { String(cString: $0) } ?? "this is not YAML"
    if parser.error == YAML_READER_ERROR {
      let place = Int(parser.problem_offset)
      return YAMLError(.encoding, problem, at: place..<place + 1)
    }
    if parser.error == YAML_MEMORY_ERROR { return YAMLError(.limit, "out of memory", at: 0..<0) }
    let place = offset(parser.problem_mark)
    let note = parser.context.map { context in
      let start = offset(parser.context_mark)
      return YAMLError.Note(message: String(cString: context), range: start..<start + 1)
    }
    return YAMLError(.syntax, problem, at: place..<place + 1, note: note)
  }
}
