// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An address of IPv4 or IPv6, without zone; an address with both kinds of notation is refused.
struct NetworkAddress: Sendable, Hashable {
  /// 4 or 16 bytes.
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  init(_ text: Text) throws(EvaluationError) {
    let string = text.string
    guard let bytes = Self.version4(text) ?? Self.version6(string) else {
      throw EvaluationError(.argument, "\(Value.string(text).shortText) is not an IP address")
    }
    guard bytes.count == 4 || !string.contains(".") else {
      throw EvaluationError(.argument, "\(Value.string(text).shortText) is an IPv4 address within IPv6")
    }
    self.bytes = bytes
  }

  var isVersion4: Bool { bytes.count == 4 }

  /// Four decimal numbers without leading zeros.
  private static func version4(_ text: Text) -> [UInt8]? {
    let parts = text.slice.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    let numbers = parts.compactMap { part -> UInt8? in
      let isNumber = (1...3).contains(part.count) && part.allSatisfy(Lexer.isDigit)
      guard isNumber, part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
      return UInt8(String(decoding: part, as: UTF8.self))
    }
    return numbers.count == 4 ? numbers : nil
  }

  private static func version6(_ string: String) -> [UInt8]? {
    guard string.utf8.allSatisfy({ $0 != 0 && $0 != UInt8(ascii: "%") }), string.utf8.count < 64 else {
      return nil
    }
    var address = in6_addr()
    guard inet_pton(AF_INET6, string, &address) == 1 else { return nil }
    return withUnsafeBytes(of: address) { Array($0) }
  }

  /// The address in the form of RFC 5952.
  var text: String {
    guard !isVersion4 else { return bytes.map(String.init).joined(separator: ".") }
    let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    guard let gap = Self.longestZeros(groups) else { return Self.joined(groups[...]) }
    return Self.joined(groups[..<gap.lowerBound]) + "::" + Self.joined(groups[gap.upperBound...])
  }

  private static func joined(_ groups: ArraySlice<UInt16>) -> String {
    groups.map { String($0, radix: 16) }.joined(separator: ":")
  }

  /// The first one of the longest runs of two zeros or more.
  private static func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
    var best: Range<Int>?
    var start = 0
    while start < groups.count {
      var end = start
      while end < groups.count, groups[end] == 0 { end += 1 }
      if end - start > max(1, best?.count ?? 0) { best = start..<end }
      start = max(end, start + 1)
    }
    return best
  }

  var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

  var isLoopback: Bool {
    isVersion4 ? bytes[0] == 127 : bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 }
  }

  var isMulticast: Bool { isVersion4 ? bytes[0] & 0xF0 == 0xE0 : bytes[0] == 0xFF }

  var isLinkLocalMulticast: Bool {
    isVersion4 ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0 : bytes[0] == 0xFF && bytes[1] & 0x0F == 2
  }

  var isLinkLocalUnicast: Bool {
    isVersion4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
  }

  var isGlobalUnicast: Bool {
    let isBroadcast = isVersion4 && bytes.allSatisfy { $0 == 255 }
    return !isBroadcast && !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast
  }
}

/// An address and the number of bits that a network's addresses share with it.
struct NetworkRange: Sendable, Hashable {
  let address: NetworkAddress
  let bits: Int

  init(address: NetworkAddress, bits: Int) {
    self.address = address
    self.bits = bits
  }

  init(_ text: Text) throws(EvaluationError) {
    let parts = text.slice.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...3).contains(parts[1].count), parts[1].allSatisfy(Lexer.isDigit),
      parts[1].count == 1 || parts[1].first != UInt8(ascii: "0"),
      let bits = Int(String(decoding: parts[1], as: UTF8.self))
    else {
      throw EvaluationError(.argument, "\(Value.string(text).shortText) is not a network such as 10.0.0.0/8")
    }
    let address = try NetworkAddress(Text(Array(parts[0])))
    guard bits <= address.bytes.count * 8 else {
      throw EvaluationError(.argument, "\(Value.string(text).shortText) has more bits than an address")
    }
    self.init(address: address, bits: bits)
  }

  var text: String { "\(address.text)/\(bits)" }

  /// The range with all bits of the address cleared that may differ within it.
  var masked: NetworkRange {
    let bytes = address.bytes.enumerated().map { index, byte in
      let kept = min(8, max(0, bits - 8 * index))
      return byte & UInt8(truncatingIfNeeded: 0xFF00 >> kept)
    }
    return NetworkRange(address: NetworkAddress(bytes: bytes), bits: bits)
  }

  func contains(_ other: NetworkAddress) -> Bool {
    other.bytes.count == address.bytes.count
      && NetworkRange(address: other, bits: bits).masked.address == masked.address
  }

  func contains(_ other: NetworkRange) -> Bool { bits <= other.bits && contains(other.address) }
}
