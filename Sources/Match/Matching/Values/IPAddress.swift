// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An address of IPv4 or IPv6; an IPv4 address written as IPv6 is that IPv4 address.
struct IPAddress: Sendable, Hashable {
  /// 4 or 16 bytes.
  let bytes: [UInt8]

  /// Reads an address; nil for every other text.
  init?(_ text: [UInt8]) {
    guard text.count >= 2, text.count <= 64 else { return nil }
    if text.contains(UInt8(ascii: ":")) {
      guard let bytes = Self.version6(text) else { return nil }
      let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
      self.bytes = bytes.starts(with: mapped) ? Array(bytes[12...]) : bytes
    } else {
      guard let bytes = Self.version4(text) else { return nil }
      self.bytes = bytes
    }
  }

  /// Four numbers up to 255, which may begin with zeros and are decimal all the same.
  private static func version4(_ text: [UInt8]) -> [UInt8]? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    let numbers = parts.compactMap { part -> UInt8? in
      guard !part.isEmpty, part.count <= 3, part.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      return UInt8(String(decoding: part, as: UTF8.self))
    }
    return numbers.count == 4 ? numbers : nil
  }

  private static func version6(_ text: [UInt8]) -> [UInt8]? {
    guard text.allSatisfy({ $0 != 0 && $0 < 0x80 }) else { return nil }
    var address = in6_addr()
    guard inet_pton(AF_INET6, String(decoding: text, as: UTF8.self), &address) == 1 else { return nil }
    return withUnsafeBytes(of: address) { Array($0) }
  }
}

/// A range of addresses that share their first bits.
struct IPNetwork: Sendable, Hashable {
  private let address: IPAddress
  private let bits: Int

  /// Reads `address/bits`.
  init(_ text: String) throws(PatternError) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(Array(parts[0])),
      parts[1].allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(String(Substring(parts[1])))
    else { throw PatternError("a network such as 10.0.0.0/24 was expected") }
    let width = address.bytes.count * 8
    guard bits < width else {
      throw PatternError("the mask must be less than \(width); for one address write the address")
    }
    self.address = address
    self.bits = bits
  }

  func contains(_ other: IPAddress) -> Bool {
    guard other.bytes.count == address.bytes.count else { return false }
    for index in 0..<bits / 8 where other.bytes[index] != address.bytes[index] { return false }
    let rest = bits % 8
    guard rest > 0 else { return true }
    let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
    return other.bytes[bits / 8] & mask == address.bytes[bits / 8] & mask
  }
}
