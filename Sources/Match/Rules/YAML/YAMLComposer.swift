// SPDX-License-Identifier: Apache-2.0

/// What a document may hold at most; a rule file is written by people and stays far below.
struct YAMLLimits: Sendable {
  var bytes = 1 << 20
  var depth = 32
  /// Values, those that aliases repeat included.
  var nodes = 100_000

  static let standard = YAMLLimits()
}

/// Builds the one value of a document from its events and checks what libyaml leaves to its callers.
///
/// Duplicate keys and foreign tags are collected and reading goes on; the first other error ends it.
struct YAMLComposer {
  private let reader: YAMLEventReader
  private let bytes: [UInt8]
  private let limits: YAMLLimits
  private var anchors: [String: Anchor] = [:]
  private var nodes = 0
  private(set) var errors: [YAMLError] = []

  private struct Anchor {
    /// Nil while the value is being read.
    var node: YAMLNode?
    var count = 0
  }

  private static let coreTags: Set = ["null", "bool", "int", "float", "str", "seq", "map"]

  private init(_ bytes: [UInt8], limits: YAMLLimits) {
    reader = YAMLEventReader(bytes)
    self.bytes = bytes
    self.limits = limits
  }

  /// Reads a document; nil when it is empty or could not be read to its end, which `errors` then says.
  static func compose(
    _ bytes: [UInt8],
    limits: YAMLLimits = .standard
  ) -> (root: YAMLNode?, errors: [YAMLError]) {
    guard bytes.count <= limits.bytes else {
      let error = YAMLError(
        .limit,
        "the file has \(bytes.count) bytes; at most \(limits.bytes) are read",
        at: 0..<0,
        help: "split it into several files"
      )
      return (nil, [error])
    }
    var composer = YAMLComposer(bytes, limits: limits)
    do throws(YAMLError) {
      return (try composer.document(), composer.errors)
    } catch {
      return (nil, composer.errors + [error])
    }
  }

  private mutating func document() throws(YAMLError) -> YAMLNode? {
    _ = try reader.next()
    let start = try reader.next()
    guard case .documentStart = start.kind else { return nil }
    let root = try node(try reader.next(), depth: 1)
    _ = try reader.next()
    let next = try reader.next()
    if case .documentStart = next.kind {
      errors.append(
        YAMLError(
          .manyDocuments,
          "a second document begins here",
          at: next.range,
          help: "put it into a file of its own"
        )
      )
    }
    return root
  }

  private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
    guard depth <= limits.depth else {
      throw YAMLError(.limit, "values are nested deeper than \(limits.depth) levels", at: event.range)
    }
    if event.kind == .alias { return try alias(event) }
    try count(1, at: event.range)
    checkTag(event)
    let before = nodes
    if let anchor = event.anchor { anchors[anchor] = Anchor() }
    let node = try value(event, depth: depth)
    if let anchor = event.anchor { anchors[anchor] = Anchor(node: node, count: nodes - before + 1) }
    return node
  }

  private mutating func value(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
    switch event.kind {
    case .sequenceStart: try sequence(event, depth: depth)
    case .mappingStart: try mapping(event, depth: depth)
    default: YAMLNode(content: .scalar(scalar(event)), range: event.range)
    }
  }

  private func scalar(_ event: YAMLEvent) -> YAMLScalar {
    let isText = event.tag?.hasSuffix(":str") == true || event.tag == "!"
    let quote = event.style == .plain ? 0 : 1
    let start = event.range.lowerBound + quote
    let end = start + event.text.utf8.count
    let stands =
      event.style != .literal && event.style != .folded && end <= bytes.count
      && bytes[start..<end].elementsEqual(event.text.utf8)
    return YAMLScalar(
      text: event.text,
      isPlain: event.style == .plain && !isText,
      contentStart: stands ? start : nil
    )
  }

  private mutating func sequence(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
    var elements: [YAMLNode] = []
    while true {
      let event = try reader.next()
      if event.kind == .sequenceEnd { return collection(.sequence(elements), start, end: event) }
      elements.append(try node(event, depth: depth + 1))
    }
  }

  private mutating func mapping(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
    var members: [YAMLNode.Member] = []
    var seen: [String: Range<Int>] = [:]
    while true {
      let event = try reader.next()
      if event.kind == .mappingEnd { return collection(.mapping(members), start, end: event) }
      let key = try node(event, depth: depth + 1)
      let value = try node(try reader.next(), depth: depth + 1)
      guard let name = key.text else {
        errors.append(
          YAMLError(.complexKey, "a key must be a single word, not \(key.summary)", at: key.range)
        )
        continue
      }
      if let first = seen[name] {
        let note = YAMLError.Note(message: "it stands here first", range: first)
        errors.append(
          YAMLError(.duplicateKey, "the key '\(name)' is given twice", at: key.range, note: note)
        )
        continue
      }
      seen[name] = key.range
      members.append(YAMLNode.Member(key: key, value: value))
    }
  }

  /// A collection, whose range ends with its last byte that is not blank.
  private func collection(_ content: YAMLNode.Content, _ start: YAMLEvent, end: YAMLEvent) -> YAMLNode {
    var upper = max(end.range.upperBound, start.range.lowerBound)
    while upper > start.range.upperBound, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[upper - 1]) { upper -= 1 }
    return YAMLNode(content: content, range: start.range.lowerBound..<max(upper, start.range.lowerBound))
  }

  private mutating func alias(_ event: YAMLEvent) throws(YAMLError) -> YAMLNode {
    let name = event.anchor ?? ""
    guard let anchor = anchors[name] else {
      throw YAMLError(.alias, "there is no anchor '&\(name)' above", at: event.range)
    }
    guard let node = anchor.node else {
      throw YAMLError(.alias, "the alias '*\(name)' lies inside the value that it names", at: event.range)
    }
    try count(anchor.count, at: event.range)
    return YAMLNode(content: node.content, range: event.range)
  }

  private mutating func count(_ number: Int, at range: Range<Int>) throws(YAMLError) {
    nodes += number
    guard nodes <= limits.nodes else {
      throw YAMLError(.limit, "the file holds more than \(limits.nodes) values", at: range)
    }
  }

  private mutating func checkTag(_ event: YAMLEvent) {
    guard let tag = event.tag, tag != "!" else { return }
    let prefix = "tag:yaml.org,2002:"
    if tag.hasPrefix(prefix), Self.coreTags.contains(String(tag.dropFirst(prefix.count))) { return }
    errors.append(
      YAMLError(.tag, "the tag \(tag) has no meaning here", at: event.range, help: "leave it out")
    )
  }
}
