// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Testing

@testable import Projections

@Suite struct ColumnValueTests {
  private static func text(_ text: String) -> ColumnValue { .text(Array(text.utf8)) }

  private static let fitting: [(ColumnType, String, ColumnValue)] = [
    (.text, "event.data.s", text("ä\"x")), (.text, "null", .null), (.text, "optional.none()", .null),
    (.text, "event.data.?nothing", .null), (.text, "optional.of('a')", text("a")),
    (.text, "event.data.nil", .null), (.integer, "event.data.n", .integer(7)), (.integer, "7u", .integer(7)),
    (.integer, "event.data.big", .integer(9_007_199_254_740_993)), (.integer, "-0.0", .integer(0)),
    (.real, "event.data.n", .real(7)), (.real, "1", .real(1)), (.real, "0.1", .real(0.1)),
    (.boolean, "event.data.n > 1", .boolean(true)),
    (.time, "event.time", .time(Timestamp(seconds: 1_769_853_600, nanoseconds: 123_456_000))),
    (.time, "now()", .time(Timestamp(seconds: 1_769_853_600, nanoseconds: 123_456_000))),
    (.time, "'2026-01-31T11:00:00+01:00'", .time(Timestamp(seconds: 1_769_853_600))),
    (.json, "event.data.list", .json(Array(#"[1.50,{"a":null}]"#.utf8))), (.json, "event.data.nil", .null),
    (.json, "{'a': [1, true, 'x']}", .json(Array(#"{"a":[1,true,"x"]}"#.utf8))),
    (.json, "event.data.big", .json(Array("9007199254740993".utf8))),
    (.json, "'text'", .json(Array(#""text""#.utf8))),
  ]

  private static let unfitting: [(ColumnType, String)] = [
    (.text, "dyn(1)"), (.text, "event.data.list"), (.integer, "event.data.half"), (.integer, "dyn('7')"),
    (.integer, "1e19"), (.integer, "18446744073709551615u"), (.integer, "0.0 / 0.0"), (.real, "dyn('1')"),
    (.real, "1.0 / 0.0"), (.real, "9007199254740993"), (.boolean, "dyn(1)"), (.time, "event.data.s"),
    (.time, "dyn(1)"), (.time, "'10000-01-01T00:00:00Z'"), (.time, "'0000-01-01T00:00:00Z'"),
    (.json, "[0.0 / 0.0]"), (.json, "dyn(int)"), (.text, "event.data.missing"),
  ]

  private static func value(_ type: ColumnType, _ text: String) throws -> ColumnValue {
    let event = #"""
      {"type":"a","time":"2026-01-31T10:00:00.123456789Z","data":
      {"s":"ä\"x","n":7,"half":0.5,"big":9007199254740993,"nil":null,"list":[1.50, {"a": null}]}}
      """#
    let expression = try Expression(text, in: .viewRow([]))
    return try expression.columnValue(
      as: type,
      in: Scope(event: JSONContent(try JSONDocument(Array(event.utf8))))
    )
  }

  @Test(arguments: fitting)
  func `keeps what fits`(type: ColumnType, expression: String, value: ColumnValue) throws {
    #expect(try Self.value(type, expression) == value)
  }

  @Test(arguments: unfitting)
  func `refuses what does not fit instead of rounding or cutting it`(type: ColumnType, expression: String) {
    #expect(throws: EvaluationError.self) { try Self.value(type, expression) }
  }

  @Test(
    arguments: [
      (0, 0, "1970-01-01T00:00:00.000000Z"), (1_769_853_600, 500_000_000, "2026-01-31T10:00:00.500000Z"),
      (1_769_853_600, 1000, "2026-01-31T10:00:00.000001Z"), (1_769_853_600, 1, "2026-01-31T10:00:00.000000Z"),
      (-62_135_596_800, 0, "0001-01-01T00:00:00.000000Z"),
    ] as [(Int64, Int32, String)]
  )
  func `writes instants so that their texts have their order`(
    seconds: Int64,
    nanoseconds: Int32,
    text: String
  ) {
    let instant = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    #expect(String(decoding: instant.sortable, as: UTF8.self) == text)
  }
}
