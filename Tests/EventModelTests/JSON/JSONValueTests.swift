// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct JSONValueTests {
  @Test func `writes back what it read, numbers to the letter`() throws {
    let text = #"{"a":[1.0,-0,1e400,"x\u0001\"\\y"],"b":{"c":null,"d":true,"e":false},"é":"😀"}"#
    #expect(try JSONValue(json: Array(text.utf8)).json == text)
  }

  @Test func `escapes every control character so that it reads back`() throws {
    let all = String(String.UnicodeScalarView((0..<0x80).compactMap(Unicode.Scalar.init)))
    let text = Array(JSONValue.string(all).json.utf8)
    #expect(!text.contains { $0 < 0x20 })
    #expect(try JSONValue(json: text).string == all)
  }

  @Test(arguments: [0, 7, -1, 10, .max, .min] as [Int64])
  func `writes integers`(integer: Int64) {
    var bytes: [UInt8] = []
    JSONWriter.append(integer, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == String(integer))
  }

  @Test func `takes literals`() {
    let value: JSONValue = ["a": [1, true, nil], "b": "x"]
    #expect(value.json == #"{"a":[1,true,null],"b":"x"}"#)
    #expect(value["b"]?.string == "x")
  }
}
