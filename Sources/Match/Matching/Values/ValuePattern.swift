// SPDX-License-Identifier: Apache-2.0

/// A scalar that a pattern asks for.
enum Literal: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(NumberLiteral)
  case string([UInt8])
}

/// What one element of a pattern's list allows.
enum ValuePattern: Sendable, Hashable {
  case literal(Literal)
  /// A text that is an address; it stands for every spelling of that address.
  case address(IPAddress, [UInt8])
  case text(TextPattern)
  case numeric(NumericRange)
  case network(IPNetwork)
  case anythingBut([Literal])
  case anythingButText([TextPattern])
  case exists
  /// That there is no value; judged by the matcher, since it is not about one value.
  case absent

  func allows(_ leaf: LeafView) -> Bool {
    switch self {
    case .literal(let literal): return leaf.equals(literal)
    case .address(let address, let text):
      guard leaf.kind == .string else { return false }
      return leaf.equals(text) || leaf.address == address
    case .text(let pattern): return leaf.kind == .string && pattern.matches(leaf)
    case .numeric(let range): return leaf.kind == .number && range.contains(NumberText(leaf.bytes))
    case .network(let network):
      return leaf.kind == .string && leaf.address.map(network.contains) ?? false
    case .anythingBut(let excluded): return !excluded.contains { leaf.equals($0) }
    case .anythingButText(let excluded):
      return leaf.kind != .string || !excluded.contains { $0.matches(leaf) }
    case .exists: return true
    case .absent: return false
    }
  }
}

/// What a pattern says of a text.
enum TextPattern: Sendable, Hashable {
  case prefix([UInt8])
  case suffix([UInt8])
  case prefixIgnoringCase(CaseFolding)
  case suffixIgnoringCase(CaseFolding)
  case ignoringCase(CaseFolding)
  case wildcard(Wildcard)

  func matches(_ leaf: LeafView) -> Bool {
    switch self {
    case .prefix(let prefix): leaf.hasPrefix(prefix)
    case .suffix(let suffix): leaf.hasSuffix(suffix)
    case .prefixIgnoringCase(let folding): folding.isPrefix(of: leaf.bytes)
    case .suffixIgnoringCase(let folding): folding.isSuffix(of: leaf.bytes)
    case .ignoringCase(let folding): folding.isWhole(leaf.bytes)
    case .wildcard(let wildcard): wildcard.matches(leaf.bytes)
    }
  }
}
