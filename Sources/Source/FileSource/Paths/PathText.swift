// SPDX-License-Identifier: Apache-2.0

/// The text of a path, which on disk is any bytes.
struct PathText {
  /// The path as text; bytes that are not UTF-8 are written `\xFF`.
  let text: String
  /// Whether any byte had to be written so.
  let isEscaped: Bool

  init(_ path: some Collection<UInt8>) {
    let bytes = Array(path)
    if let text = String(validating: bytes, as: UTF8.self) {
      self.text = text
      isEscaped = false
      return
    }
    var reader = ScalarReader(bytes: bytes[...])
    var text = ""
    while let scalar = reader.next() {
      if let scalar = Unicode.Scalar(scalar) {
        text.unicodeScalars.append(scalar)
      } else {
        text += Self.escape(scalar - 0x11_0000)
      }
    }
    self.text = text
    isEscaped = true
  }

  /// The text without what an event's attributes may not hold.
  var attribute: String {
    guard text.unicodeScalars.contains(where: Self.isForbidden) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if Self.isForbidden(scalar) {
        for byte in String(scalar).utf8 { result += Self.escape(UInt32(byte)) }
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: true
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }

  private static func escape(_ byte: UInt32) -> String {
    let digits = Array("0123456789ABCDEF")
    return "\\x\(digits[Int(byte >> 4)])\(digits[Int(byte & 0xF)])"
  }

  /// The last component of a path.
  static func name(_ path: [UInt8]) -> ArraySlice<UInt8> {
    path[(path.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...]
  }

  /// All but the last component of a path.
  static func folder(_ path: [UInt8]) -> ArraySlice<UInt8> {
    guard let slash = path.lastIndex(of: 0x2F) else { return [] }
    return path[..<max(slash, 1)]
  }
}
