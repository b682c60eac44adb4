// SPDX-License-Identifier: Apache-2.0

/// A scalar of an event, as patterns look at it.
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

  func allows(_ value: Literal) -> Bool {
    switch self {
    case .literal(let literal): return literal == value
    case .address(let address, let text):
      guard case .string(let bytes) = value else { return false }
      return bytes == text || IPAddress(bytes) == address
    case .text(let pattern):
      guard case .string(let bytes) = value else { return false }
      return pattern.matches(bytes)
    case .numeric(let range):
      guard case .number(let number) = value else { return false }
      return range.contains(number)
    case .network(let network):
      guard case .string(let bytes) = value else { return false }
      return IPAddress(bytes).map(network.contains) ?? false
    case .anythingBut(let excluded): return !excluded.contains(value)
    case .anythingButText(let excluded):
      guard case .string(let bytes) = value else { return true }
      return !excluded.contains { $0.matches(bytes) }
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

  func matches(_ bytes: [UInt8]) -> Bool {
    switch self {
    case .prefix(let prefix): bytes.starts(with: prefix)
    case .suffix(let suffix): bytes.reversed().starts(with: suffix.reversed())
    case .prefixIgnoringCase(let folding): !folding.ends(in: bytes[...]).isEmpty
    case .suffixIgnoringCase(let folding): folding.isSuffix(of: bytes)
    case .ignoringCase(let folding): folding.ends(in: bytes[...]).contains(bytes.count)
    case .wildcard(let wildcard): wildcard.matches(bytes)
    }
  }
}
