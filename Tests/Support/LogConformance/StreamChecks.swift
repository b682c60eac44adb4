// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Testing

extension LogConformance {
  private static func stream(_ key: String, of owner: String = "streams") -> StreamName {
    StreamName(owner: owner, key: Array(key.utf8))
  }

  private static func positions(_ page: EventPage) -> [Int64] { page.entries.map(\.position.rawValue) }

  /// A change that appends an event to a stream, if that has a version.
  private static func append(
    _ bench: Bench,
    _ type: String,
    id: String,
    at version: Int64,
    last: EventIdentity? = nil,
    answer: CommandAnswer? = nil
  ) throws -> LogChange {
    var change = LogChange(events: try bench.batch([type], ids: [id]))
    let key = String(type.drop { $0 != "." }.dropFirst())
    change.preconditions = Preconditions(
      streams: [ExpectedStream(stream(key), version, last: last)],
      answer: answer
    )
    return change
  }

  static let streams: [LogCheck] = [
    LogCheck("strings events together to streams, in their order") { make in
      let bench = try Bench(make)
      try await bench.append("stream.b", "stream.a", "run.x", "stream.b", "stream.ba", "stream.b")
      #expect(try bench.log.version(of: stream("b")) == 3)
      #expect(try bench.log.version(of: stream("c")) == 0)
      #expect(try positions(bench.log.events(of: stream("b"), after: 0, limit: 9)) == [1, 4, 6])
      #expect(try positions(bench.log.events(of: stream("b"), after: 1, limit: 1)) == [4])
      #expect(try bench.log.events(of: stream("b"), after: 3, limit: 9).entries.isEmpty)
      let all = try bench.log.streams(of: "streams", after: nil, limit: 9)
      let expected = [
        StreamVersion(stream("a"), 1), StreamVersion(stream("b"), 3), StreamVersion(stream("ba"), 1),
      ]
      #expect(all == expected)
      let second = try bench.log.streams(of: "streams", after: Array("a".utf8), limit: 1)
      #expect(second == [StreamVersion(stream("b"), 3)])
      #expect(try bench.log.streams(of: "others", after: nil, limit: 9).isEmpty)
      await bench.log.close()
    },
    LogCheck("shows a router the streams of its transaction") { make in
      let bench = try Bench(make)
      try await bench.append("stream.a", "stream.a", "copy.a")
      #expect(try positions(bench.log.events(of: stream("a", of: "copies"), after: 0, limit: 9)) == [1, 2])
      await bench.log.close()
    },
    LogCheck("forgets the streams of an owner, and nothing else") { make in
      let bench = try Bench(make)
      try await bench.append("stream.a", "stream.b", "stream.b", "copy.b", "unstream")
      #expect(try bench.log.streams(of: "streams", after: nil, limit: 9).isEmpty)
      #expect(try bench.log.version(of: stream("b", of: "copies")) == 2)
      try await bench.append("stream.b", ids: ["again"])
      #expect(try bench.log.version(of: stream("b")) == 1)
      await bench.log.close()
    },
    LogCheck("makes a change only if its streams have the versions that it expects") { make in
      let bench = try Bench(make)
      let first = try await bench.log.submit(append(bench, "stream.a", id: "1", at: 0))
      #expect(first.conflict == nil && first.outcomes == [.appended(LogPosition(rawValue: 1))])
      let late = try await bench.log.submit(append(bench, "stream.a", id: "2", at: 0))
      #expect(late.conflict == .stream(StreamVersion(stream("a"), 1)) && late.outcomes.isEmpty)
      #expect(try bench.log.lastPosition() == LogPosition(rawValue: 1))
      let next = try await bench.log.submit(append(bench, "stream.a", id: "2", at: 1))
      #expect(next.conflict == nil)
      #expect(try bench.log.version(of: stream("a")) == 2)
      await bench.log.close()
    },
    LogCheck("makes a change only if the last event of its stream is the one that it expects") { make in
      let bench = try Bench(make)
      try await bench.append("stream.a", "stream.a", ids: ["1", "2"])
      let identity = { (id: String) in EventIdentity(source: Array("test".utf8), id: Array(id.utf8)) }
      for other in ["1", "9"] {
        let change = try append(bench, "stream.a", id: "3", at: 2, last: identity(other))
        #expect(try await bench.log.submit(change).conflict == .stream(StreamVersion(stream("a"), 2)))
      }
      let right = try append(bench, "stream.a", id: "3", at: 2, last: identity("2"))
      #expect(try await bench.log.submit(right).conflict == nil)
      await bench.log.close()
    },
    LogCheck("answers a command once, and remembers the answer") { make in
      let bench = try Bench(make)
      let answer = CommandAnswer(owner: "account", id: "c1", content: Array(#"{"ok":true}"#.utf8))
      let other = CommandAnswer(owner: "account", id: "c1", content: Array(#"{"ok":false}"#.utf8))
      let refused = try await bench.log.submit(append(bench, "stream.a", id: "0", at: 7, answer: other))
      #expect(refused.conflict == .stream(StreamVersion(stream("a"), 0)))
      #expect(try bench.log.answer(to: "c1", of: "account") == nil)
      let first = try await bench.log.submit(append(bench, "stream.a", id: "1", at: 0, answer: answer))
      #expect(first.conflict == nil)
      let again = try await bench.log.submit(append(bench, "stream.a", id: "2", at: 1, answer: other))
      #expect(again.conflict == .answered(answer.content) && again.outcomes.isEmpty)
      #expect(try bench.log.answer(to: "c1", of: "account") == answer.content)
      #expect(try bench.log.answer(to: "c1", of: "order") == nil)
      #expect(try bench.log.version(of: stream("a")) == 1)
      await bench.log.close()
    },
    LogCheck("keeps the events of streams when those around them are forgotten") { make in
      let bench = try Bench(make)
      try await bench.append("plain", "stream.a", "plain", "stream.a", "last")
      #expect(try await bench.prune(before: 5).events == 2)
      #expect(try bench.positions() == [2, 4, 5])
      #expect(try positions(bench.log.events(of: stream("a"), after: 0, limit: 9)) == [2, 4])
      await bench.log.close()
    },
  ]
}
