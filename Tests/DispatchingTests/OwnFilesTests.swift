// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Dispatching

/// A rule is not triggered by what its own runs write.
@Suite struct OwnFilesTests {
  /// What is told of a file, in seconds: when it was changed and when that is heard; one attempt at `/in/a` and below
  /// `/out` goes on from 100 to 110.
  static let cases: [(type: String, path: String, modified: Int64, heard: Int64, isOwn: Bool)] = [
    ("file.modified", "/in/a", 105, 106, true),
    ("file.modified", "/in/a", 105, 300, true),
    ("file.created", "/in/a", 7, 111, true),
    ("file.modified", "/in/a", 111, 112, false),
    ("file.modified", "/in/ab", 105, 106, false),
    ("file.modified", "/in", 105, 106, false),
    ("file.created", "/out/x/y", 105, 106, true),
    ("file.created", "/out", 105, 106, true),
    ("file.created", "/out/x/y", 99, 106, false),
    ("file.created", "/out/x/y", 111, 112, false),
    ("file.created", "/outside", 105, 106, false),
    ("file.deleted", "/in/a", 0, 111, true),
    ("file.deleted", "/in/a", 0, 121, false),
    ("order.created", "/in/a", 105, 106, false),
  ]

  @Test(arguments: cases)
  func `what was changed at a place while an attempt went on that writes there is its own`(
    type: String,
    path: String,
    modified: Int64,
    heard: Int64,
    isOwn: Bool
  ) throws {
    var own = OwnFiles()
    own.begin(1, of: "r", paths: ["/in/a", "/out"], at: Timestamp(seconds: 100, nanoseconds: 0))
    own.end(1, of: "r", at: Timestamp(seconds: 110, nanoseconds: 0))
    let news = Self.news(type, path, modified)
    let now = Timestamp(seconds: heard, nanoseconds: 0)
    #expect(news.map { own.hold($0, by: "r", at: now) } ?? false == isOwn)
    #expect(news.map { own.hold($0, by: "other", at: now) } ?? false == false)
  }

  @Test func `while an attempt goes on, all that is changed where it writes is its own`() throws {
    var own = OwnFiles()
    own.begin(1, of: "r", paths: ["/in/a"], at: Timestamp(seconds: 100, nanoseconds: 0))
    let late = Timestamp(seconds: 900, nanoseconds: 0)
    #expect(own.hold(try #require(Self.news("file.modified", "/in/a", 899)), by: "r", at: late))
    #expect(own.hold(try #require(Self.news("file.deleted", "/in/a", 0)), by: "r", at: late))
  }

  @Test func `the oldest attempts that have ended are forgotten, those that go on are not`() throws {
    var own = OwnFiles()
    for ticket in 0...UInt64(OwnFiles.memory) {
      let now = Timestamp(seconds: Int64(ticket), nanoseconds: 0)
      own.begin(ticket, of: "r", paths: ["/\(ticket)"], at: now)
      if ticket > 0 { own.end(ticket, of: "r", at: now) }
    }
    let late = Timestamp(seconds: 2000, nanoseconds: 0)
    func isOwn(_ number: Int64) throws -> Bool {
      own.hold(try #require(Self.news("file.modified", "/\(number)", number)), by: "r", at: late)
    }
    #expect(try isOwn(0) && !isOwn(1) && isOwn(2) && isOwn(Int64(OwnFiles.memory)))
  }

  @Test func `paths are found in texts and lists, and only absolute ones count`() {
    let parameters = Array(#"{"path":"//in/./a/","all":["/x","y",3],"other":"/z"}"#.utf8)
    #expect(OwnFiles.paths(in: parameters, under: ["path", "all", "none"]) == ["/in/a", "/x"])
  }

  private static func news(_ type: String, _ path: String, _ modified: Int64) -> FileNews? {
    let event = CloudEvent(
      type: type,
      data: [
        "path": .string(path), "mtime": .string(Timestamp(seconds: modified, nanoseconds: 0).rfc3339),
      ]
    )
    return (try? JSONDocument(Array(event.json.json.utf8))).flatMap { FileNews($0.root) }
  }
}
