// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct JSONTapeTests {
  private func error(_ text: String, limits: JSONLimits = .event) -> JSONError? {
    do throws(JSONError) {
      _ = try JSONDocument(Array(text.utf8), limits: limits)
      return nil
    } catch { return error }
  }

  @Test func `lays values down in the order of the text and knows where each subtree ends`() throws {
    let text = Array(#" {"a":[1,2],"b":{}} "#.utf8)
    var tape = JSONTape()
    try tape.scan(text.span)
    #expect(
      (0..<tape.count).map(tape.kind) == [.object, .string, .array, .number, .number, .string, .object]
    )
    #expect((0..<tape.count).map(tape.end) == [7, 2, 5, 4, 5, 6, 7])
    #expect(String(decoding: text[tape.range(0)], as: UTF8.self) == #"{"a":[1,2],"b":{}}"#)
    #expect(String(decoding: text[tape.range(2)], as: UTF8.self) == "[1,2]")
    #expect(String(decoding: text[tape.rawRange(5)], as: UTF8.self) == #""b""#)
  }

  @Test func `can be used again after an error`() throws {
    var tape = JSONTape()
    #expect(throws: JSONError.self) { try tape.scan(Array("[[[1,".utf8).span) }
    try tape.scan(Array("[3]".utf8).span)
    #expect(tape.count == 2)
  }

  @Test(
    arguments: [
      ("", .unexpectedEnd, 0), ("[1,]", .syntax, 3), (#"{"a" 1}"#, .syntax, 5), ("[1}", .syntax, 2),
      ("tru", .unexpectedEnd, 3), ("trux", .syntax, 3), ("1 2", .trailingData, 2), ("01", .syntax, 1),
      ("-", .unexpectedEnd, 1), ("1.x", .syntax, 2), (#"["a\x"]"#, .syntax, 3), ("[\"a\u{1}\"]", .syntax, 3),
      (#"["\ud800"]"#, .loneSurrogate, 2), (#"["\udc00\ud800"]"#, .loneSurrogate, 2),
      (#"{"a":1,"a":2}"#, .duplicateKey, 7), (#"{"a":1,"\u0061":2}"#, .duplicateKey, 7),
      (#"{1:2}"#, .syntax, 1), (#"{"a":1,}"#, .syntax, 7),
    ] as [(String, JSONError.Code, Int)]
  )
  func `names the first offending byte`(text: String, code: JSONError.Code, offset: Int) {
    let found = error(text)
    #expect(found?.code == code)
    #expect(found?.offset == offset)
  }

  @Test(
    arguments: [
      [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xFF], [0xE2, 0x82], [0xE2, 0x82, 0x22],
    ] as [[UInt8]]
  )
  func `refuses what is not UTF-8 at every place within a word`(bytes: [UInt8]) {
    for padding in 0..<9 {
      let text = [0x22] + [UInt8](repeating: 0x61, count: padding) + bytes + [0x22]
      var tape = JSONTape()
      let error = #expect(throws: JSONError.self) { try tape.scan(text.span) }
      #expect(error?.code == .invalidUTF8)
      #expect(error?.offset == padding + 1)
    }
  }

  @Test func `finds the end of a string wherever its special byte lies within a word`() throws {
    for length in 0..<40 {
      for (special, value) in [(#"\n"#, "\n"), ("é", "é"), ("😀", "😀"), ("~", "~"), ("\u{7F}", "\u{7F}")] {
        let plain = String(repeating: "x", count: length)
        let text = Array("[\"\(plain)\(special)\(plain)\"]".utf8)
        let document = try JSONDocument(text)
        #expect(document.root.elements.first?.string == plain + value + plain)
      }
    }
  }

  @Test func `limits size and depth`() {
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(error(deep) == nil)
    #expect(error("[" + deep + "]")?.code == .tooDeep)
    #expect(error("[" + deep + "]")?.offset == 64)
    let limits = JSONLimits(maximumBytes: 4, maximumDepth: 1, allowsDuplicateKeys: false)
    #expect(error("[12]", limits: limits) == nil)
    #expect(error("[123]", limits: limits)?.code == .tooLarge)
  }

  @Test func `finds a repeated key among many and keeps near misses apart`() {
    for count in [2, 15, 16, 17, 18, 1000] {
      var members = (0..<count).map { "\"key\($0)\":[{}]" }
      #expect(error("{\(members.joined(separator: ","))}") == nil)
      members.append("\"\\u006bey\(count / 2)\":0")
      #expect(error("{\(members.joined(separator: ","))}")?.code == .duplicateKey)
      #expect(error("{\(members.joined(separator: ","))}", limits: .grammar) == nil)
    }
  }

  @Test func `reads values`() throws {
    let text =
      #"{"s":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00","i":-9223372036854775808,"big":9223372036854775808,"d":1.5e3,"z":-0,"t":true,"n":null}"#
    let root = try JSONDocument(Array(text.utf8)).root
    #expect(root["s"]?.string == "a\"\\/\u{8}\u{C}\n\r\té😀")
    #expect(root["i"]?.int == .min)
    #expect(root["big"]?.int == nil)
    #expect(root["big"]?.double == 9223372036854775808.0)
    #expect(root["d"]?.double == 1500)
    #expect(root["d"]?.int == nil)
    #expect(root["z"]?.double?.sign == .minus)
    #expect(root["t"]?.bool == true)
    #expect(root["n"]?.kind == .null)
    #expect(root["absent"] == nil)
    #expect(root.members.map(\.key) == ["s", "i", "big", "d", "z", "t", "n"])
  }
}

@Suite struct DecimalReaderTests {
  @Test func `gives the same double as the standard library for any decimal`() throws {
    var random = SeededRandom(seed: 7)
    var wrong: [String] = []
    for _ in 0..<5000 {
      let digits = String(
        UInt64.random(in: 0...(.max >> UInt64.random(in: 0..<64, using: &random)), using: &random)
      )
      let place = Int.random(in: 0...digits.count, using: &random)
      let whole = place == 0 ? "0" : String(digits.prefix(place))
      let sign = Bool.random(using: &random) ? "-" : ""
      let text = sign + whole + (place == digits.count ? "" : "." + digits.dropFirst(place))
      let document = try JSONDocument(Array(text.utf8))
      let isRight = document.root.double == Double(text) && document.root.double?.sign == Double(text)?.sign
      if !isRight { wrong.append(text) }
    }
    #expect(wrong.isEmpty)
  }
}
