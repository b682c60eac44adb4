// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Testing

@testable import FileSource

@Suite struct FileOptionsTests {
  @Test(arguments: [
    (#"{"paths":[]}"#, ["paths files-paths"]),
    (#"{"paths":["","~other/x"]}"#, ["paths files-paths", "paths files-paths"]),
    (
      #"{"paths":["/a"],"include":["[a"],"exclude":["{a",""]}"#,
      ["include files-glob", "exclude files-glob", "exclude files-glob"]
    ),
    (#"{"paths":["/a"],"poll":"1","settle":"x"}"#, ["poll files-poll", "settle files-settle"]),
    (#"{"paths":["/a"],"poll":"1ms","settle":"2m"}"#, ["poll files-poll", "settle files-settle"]),
  ])
  func `names each mistake`(options: String, expected: [String]) throws {
    guard case .failure(let found) = FileOptions.plan(try JSONValue(json: Array(options.utf8))) else {
      Issue.record("was accepted")
      return
    }
    #expect(found.problems.map { "\($0.option) \($0.code)" } == expected)
  }

  @Test func `makes paths absolute and clean`() throws {
    let options: JSONValue = ["paths": ["~", "~/Inbox/", "/a/./b/../c//d", "/"], "settle": "0s"]
    let plan = try FileOptions.plan(options, home: "/home/me").get()
    #expect(plan.paths == ["/home/me", "/home/me/Inbox", "/a/c/d", "/"])
    #expect(plan.settle == .zero && !plan.isPolling && plan.isRecursive && plan.kinds.count == 4)
  }

  @Test func `takes every option`() throws {
    let options: JSONValue = [
      "paths": ["/a"], "include": ["*.pdf"], "exclude": ["tmp/**"], "recursive": false, "ignore_files": false,
      "events": ["created", "moved"], "poll": "5s", "settle": "200ms",
    ]
    let plan = try FileOptions.plan(options).get()
    #expect(plan.kinds == [.created, .moved] && !plan.isRecursive && plan.isPolling)
    #expect(plan.poll == .seconds(5) && plan.settle == .milliseconds(200))
    #expect(!plan.filter.honoursIgnoreFiles)
  }

  @Test(arguments: [
    ("a.pdf", true, true), ("d/a.pdf", true, true), ("a.txt", true, false), ("tmp", true, false),
    ("tmp/a.pdf", false, false), ("x/tmp/a.pdf", true, true), (".git", false, false),
    ("node_modules", false, false), ("d/node_modules", false, false), (".a.pdf.swp", true, false),
  ])
  func `filters by path or by name`(path: String, admits: Bool, reports: Bool) throws {
    let filter = try PathFilter(
      include: ["*.{pdf,swp}"],
      exclude: ["/tmp/**", "node_modules"],
      honoursIgnoreFiles: true
    )
    let bytes = Array(path.utf8)
    #expect(filter.admits(bytes[...]) == admits)
    #expect((filter.admits(bytes[...]) && filter.reports(bytes[...])) == reports)
  }
}
