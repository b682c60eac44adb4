// SPDX-License-Identifier: Apache-2.0

/// Makes globs from their texts.
struct GlobParser {
  /// Why a text is no glob.
  enum Flaw: Error, Hashable {
    case empty, openSet, openBrace, tooManyAlternatives
  }

  private static let maximumAlternatives = 256

  /// The globs that a text with braces stands for.
  static func globs(_ text: String) throws(Flaw) -> [Glob] {
    guard !text.isEmpty else { throw .empty }
    var globs: [Glob] = []
    for alternative in try expand(Array(text.unicodeScalars)) {
      globs.append(try glob(alternative))
    }
    return globs
  }

  /// The alternatives of the first brace, each expanded in turn.
  private static func expand(_ text: [Unicode.Scalar]) throws(Flaw) -> [[Unicode.Scalar]] {
    guard let open = firstBrace(text) else { return [text] }
    var depth = 0
    var parts: [[Unicode.Scalar]] = [[]]
    var index = open
    while index < text.count {
      let scalar = text[index]
      if scalar == "\\", index + 1 < text.count {
        parts[parts.count - 1] += text[index...(index + 1)]
        index += 2
        continue
      }
      if scalar == "{" { depth += 1 }
      if scalar == "}" { depth -= 1 }
      if depth == 0 { break }
      if scalar == ",", depth == 1 {
        parts.append([])
      } else if index > open {
        parts[parts.count - 1].append(scalar)
      }
      index += 1
    }
    guard index < text.count else { throw .openBrace }
    var expanded: [[Unicode.Scalar]] = []
    for part in parts {
      expanded += try expand(text[..<open] + part + text[(index + 1)...])
      guard expanded.count <= maximumAlternatives else { throw .tooManyAlternatives }
    }
    return expanded
  }

  private static func firstBrace(_ text: [Unicode.Scalar]) -> Int? {
    var index = 0
    var isInSet = false
    while index < text.count {
      switch text[index] {
      case "\\": index += 1
      case "[": isInSet = true
      case "]": isInSet = false
      case "{" where !isInSet: return index
      default: break
      }
      index += 1
    }
    return nil
  }

  /// One glob without braces.
  static func glob(_ text: some Collection<Unicode.Scalar>) throws(Flaw) -> Glob {
    var parser = GlobParser(text: Array(text))
    while parser.index < parser.text.count { try parser.takeToken() }
    return Glob(tokens: parser.tokens)
  }

  private let text: [Unicode.Scalar]
  private var index = 0
  private var tokens: [Glob.Token] = []

  private init(text: [Unicode.Scalar]) { self.text = text }

  private mutating func takeToken() throws(Flaw) {
    let scalar = text[index]
    switch scalar {
    case "*": takeStars()
    case "?":
      tokens.append(.any)
      index += 1
    case "[": try takeSet()
    case "\\" where index + 1 < text.count:
      tokens.append(.scalar(text[index + 1].value))
      index += 2
    default:
      tokens.append(.scalar(scalar.value))
      index += 1
    }
  }

  private mutating func takeStars() {
    let start = index
    while index < text.count, text[index] == "*" { index += 1 }
    let isAlone = index - start == 2 && (start == 0 || text[start - 1] == "/")
    if isAlone, index == text.count {
      tokens.append(.rest)
    } else if isAlone, text[index] == "/" {
      index += 1
      tokens.append(.folders)
    } else {
      tokens.append(.star)
    }
  }

  private mutating func takeSet() throws(Flaw) {
    index += 1
    let isNegated = index < text.count && (text[index] == "!" || text[index] == "^")
    if isNegated { index += 1 }
    var ranges: [ClosedRange<UInt32>] = []
    var isFirst = true
    while index < text.count, isFirst || text[index] != "]" {
      isFirst = false
      if let named = takeClass() {
        ranges += named
        continue
      }
      let low = takeSetScalar()
      guard index + 1 < text.count, text[index] == "-", text[index + 1] != "]" else {
        ranges.append(low...low)
        continue
      }
      index += 1
      let high = takeSetScalar()
      if low <= high { ranges.append(low...high) }
    }
    guard index < text.count else { throw .openSet }
    index += 1
    tokens.append(.set(isNegated: isNegated, ranges: ranges))
  }

  private mutating func takeSetScalar() -> UInt32 {
    if text[index] == "\\", index + 1 < text.count { index += 1 }
    defer { index += 1 }
    return text[index].value
  }

  private static let classes: [(name: String, ranges: [ClosedRange<UInt32>])] = [
    ("alpha", [0x41...0x5A, 0x61...0x7A]), ("digit", [0x30...0x39]), ("lower", [0x61...0x7A]),
    ("alnum", [0x30...0x39, 0x41...0x5A, 0x61...0x7A]), ("upper", [0x41...0x5A]),
    ("xdigit", [0x30...0x39, 0x41...0x46, 0x61...0x66]), ("space", [0x09...0x0D, 0x20...0x20]),
    ("blank", [0x09...0x09, 0x20...0x20]), ("cntrl", [0...0x1F, 0x7F...0x7F]), ("graph", [0x21...0x7E]),
    ("print", [0x20...0x7E]), ("punct", [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
  ]

  private mutating func takeClass() -> [ClosedRange<UInt32>]? {
    for (name, ranges) in Self.classes {
      let spelling = Array("[:\(name):]".unicodeScalars)
      guard text[index...].starts(with: spelling) else { continue }
      index += spelling.count
      return ranges
    }
    return nil
  }
}
