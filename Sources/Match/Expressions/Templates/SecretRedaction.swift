// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Takes secrets out of what comes back from where they were sent, before it is stored or shown.
///
/// A secret is found as it is, as JSON writes it, in base64 and percent-encoded. What a listener makes of it beyond
/// that cannot be known.
public struct SecretRedaction: Sendable {
  /// The shortest secret that can be taken out without harm to other text.
  public static let shortest = 4

  /// What is looked for, the longest first, and what stands for it.
  private let spellings: [(bytes: [UInt8], mark: [UInt8])]

  /// Takes secrets by their names; those shorter than `shortest` are not looked for.
  public init(_ secrets: [String: String]) {
    var spellings: [(bytes: [UInt8], mark: [UInt8])] = []
    for (name, secret) in secrets.sorted(by: { $0.key < $1.key }) where secret.utf8.count >= Self.shortest {
      let mark = Array("[secret \(name)]".utf8)
      var escaped: [UInt8] = []
      JSONWriter.appendContent(secret, to: &escaped)
      let base64 = Base64.encode(Text(secret)).prefix { $0 != "=" }
      let all = [Array(secret.utf8), escaped, Array(base64.utf8), Self.percentEncoded(secret)]
      for bytes in Set(all) { spellings.append((bytes, mark)) }
    }
    self.spellings = spellings.sorted { $0.bytes.count > $1.bytes.count }
  }

  /// The bytes with a mark in the place of each secret.
  public func redacted(_ bytes: [UInt8]) -> [UInt8] {
    guard !spellings.isEmpty else { return bytes }
    var result: [UInt8] = []
    var offset = 0
    while offset < bytes.count {
      if let (found, mark) = spellings.first(where: { bytes[offset...].starts(with: $0.bytes) }) {
        result += mark
        offset += found.count
      } else {
        result.append(bytes[offset])
        offset += 1
      }
    }
    return result
  }

  /// The same for text.
  public func redacted(_ text: String) -> String {
    spellings.isEmpty ? text : String(decoding: redacted(Array(text.utf8)), as: UTF8.self)
  }

  private static func percentEncoded(_ text: String) -> [UInt8] {
    text.utf8.flatMap { byte -> [UInt8] in
      let isPlain = Lexer.isNameStart(byte) || Lexer.isDigit(byte) || [0x2D, 0x2E, 0x7E].contains(byte)
      return isPlain
        ? [byte] : Array(("%" + (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()).utf8)
    }
  }
}
