// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Rules
import Testing

@testable import Projections

@Suite struct ViewFollowerTests {
  private static func view(_ name: String = "v") throws -> ViewDefinition {
    try ViewText.view(
      "views: { \(name): { key: event.data.k, columns: { n: integer }, events: { e: { increment: { n: 1 } } } } }"
    )
  }

  private static func note(
    _ followers: ViewFollowers,
    _ view: ViewDefinition,
    _ key: String,
    _ number: Int64?
  ) {
    let row = number.map { ViewRow([.integer($0)]) }
    followers.note(view, LogPosition(rawValue: number ?? 0), RowKey(Array(key.utf8)), row)
  }

  @Test func `hears of each row as it is now, in the order in which they changed first`() async throws {
    let followers = ViewFollowers()
    #expect(followers.isEmpty)
    let follower = followers.follow("v")
    #expect(!followers.isEmpty)
    let view = try Self.view()
    for (key, number) in [("a", 1), ("b", 2), ("a", 3), ("c", nil)] as [(String, Int64?)] {
      Self.note(followers, view, key, number)
    }
    Self.note(followers, try Self.view("other"), "x", 9)
    let news = try #require(await follower.next())
    #expect(news.changes.map(\.key) == ["a", "b", "c"] && news.lost == 0)
    #expect(news.changes.map(\.position.rawValue) == [3, 2, 0])
    #expect(news.changes.map { $0.row?.json } == [#"{"key":"a","n":3}"#, #"{"key":"b","n":2}"#, nil])
    follower.end()
    #expect(await follower.next() == nil)
    #expect(followers.isEmpty)
  }

  @Test func `keeps no more than some changes for somebody who does not listen`() async throws {
    let followers = ViewFollowers()
    let follower = followers.follow("v")
    let view = try Self.view()
    for number in 0..<10_005 { Self.note(followers, view, "\(number)", Int64(number)) }
    Self.note(followers, view, "3", 77)
    let news = try #require(await follower.next())
    #expect(news.changes.count == 10_000 && news.lost == 5)
    #expect(news.changes[3].row?["n"] == .number("77"))
    follower.end()
  }

  @Test func `hears from a keeper what its thread has written`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    let keeper = bench.keeper()
    await keeper.use([try Self.view()])
    let follower = keeper.follow("v")
    try await bench.append("e", ["k": "a"])
    try await bench.append("other", ["k": "a"])
    keeper.noteCommit()
    let news = try #require(await follower.next())
    #expect(news.changes.map { $0.row?.json } == [#"{"key":"a","n":1}"#])
    await keeper.close()
    while await follower.next() != nil {}
  }
}
