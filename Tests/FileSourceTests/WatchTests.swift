// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@Suite struct WatchTests {
  @Test func `reports what becomes of files and folders`() async throws {
    let folder = try WatchedFolder()
    try folder.write("old")
    try await folder.watch { sink in
      func expect(_ lines: [String], _ change: () throws -> Void) async throws {
        let before = await sink.linesUntilNow().count
        try change()
        let found = Array(await sink.linesUntilNow().dropFirst(before))
        #expect(found == lines)
      }
      try await expect(["created new"]) { try folder.write("new") }
      try await expect(["created empty"]) { try folder.write("empty", "") }
      try await expect(["modified old"]) { try folder.write("old", "more text") }
      try await expect(["moved renamed from old"]) { try folder.rename("old", "renamed") }
      try await expect(["deleted renamed"]) { try folder.remove("renamed") }
      try await expect(["created d dir", "created d/f"]) {
        try folder.makeFolder("d")
        try folder.write("d/f")
      }
      try await expect(["moved e from d dir"]) { try folder.rename("d", "e") }
      try await expect(["modified e/f"]) { try folder.write("e/f", "other text") }
      try await expect(["moved f from e/f"]) { try folder.rename("e/f", "f") }
      try await expect(["deleted e dir"]) { try folder.remove("e") }
      try await expect(["created link"]) { symlink("/nowhere", "\(folder.path)/link") }
      try await expect(["created hard"]) { link("\(folder.path)/f", "\(folder.path)/hard") }
      try await expect([]) {
        try folder.write("brief.tmp")
        try folder.remove("brief.tmp")
      }
      try await expect(["modified hard", "deleted f"]) {
        try folder.write("g.new", "complete")
        try folder.rename("g.new", "hard")
        try folder.remove("f")
      }
    }
  }

  @Test func `sees files come from and go to places outside`() async throws {
    let folder = try WatchedFolder(below: "/in")
    try folder.makeFolder("in")
    try folder.makeFolder("out/d/e")
    try folder.write("out/f")
    try folder.write("out/d/e/g")
    try await folder.watch { sink in
      let inside = folder.path + "/in"
      try folder.rename("out/f", "in/f")
      try folder.rename("out/d", "in/d")
      let came = await sink.linesUntilNow(inside)
      #expect(came == ["created in/f", "created in/d dir", "created in/d/e dir", "created in/d/e/g"])
      try folder.rename("in/f", "out/f")
      try folder.rename("in/d", "out/d")
      let went = await sink.linesUntilNow(inside).dropFirst(4)
      #expect(
        went.sorted() == ["deleted in/d dir", "deleted in/d/e dir", "deleted in/d/e/g", "deleted in/f"]
      )
      try folder.write("out/d/e/g", "unseen")
      #expect(await sink.linesUntilNow(inside).count == 8)
    }
  }

  @Test func `honours globs and ignore files, also when they change`() async throws {
    let folder = try WatchedFolder(options: [.init("exclude", ["*.tmp", "cache"])])
    try folder.write(".gitignore", "*.log\nbuild/\n!keep.log\n")
    try await folder.watch { sink in
      for name in ["cache", "build", "src"] { try folder.makeFolder(name) }
      for name in ["a.tmp", "a.log", "keep.log", "cache/x", "build/x", "src/a.log", "src/a.c"] {
        try folder.write(name)
      }
      let first = await sink.linesUntilNow().sorted()
      #expect(first == ["created keep.log", "created src dir", "created src/a.c"])
      try folder.write("src/.gitignore", "!a.log\n*.c\n")
      #expect(
        await sink.linesUntilNow().dropFirst(3).sorted() == ["created src/.gitignore", "created src/a.log"]
      )
    }
  }

  @Test func `reports only kinds and names that are wanted`() async throws {
    let folder = try WatchedFolder(options: [
      .init("events", ["created", "deleted"]), .init("include", ["*.pdf", "sentinel-*"]),
    ])
    try await folder.watch { sink in
      try folder.makeFolder("d")
      try folder.write("d/a.pdf.part")
      try folder.rename("d/a.pdf.part", "d/a.pdf")
      #expect(await sink.linesUntilNow() == ["created d/a.pdf"])
      try folder.write("d/a.pdf", "changed text")
      try folder.rename("d", "e")
      try folder.remove("e/a.pdf")
      #expect(await sink.linesUntilNow().last?.hasPrefix("deleted ") == true)
      #expect(sink.lines.filter { $0.hasPrefix("modified") }.isEmpty)
    }
  }

  @Test func `watches single files by their folder`() async throws {
    let folder = try WatchedFolder(below: "/one.txt")
    try folder.write("one.txt")
    try await folder.watch { sink in
      try folder.write("two.txt")
      try folder.write("new", "longer text")
      try folder.rename("new", "one.txt")
      #expect(await sink.lines(count: 1) == ["modified one.txt"])
      try folder.remove("one.txt")
      #expect(await sink.lines(count: 2).last == "deleted one.txt")
    }
  }

  @Test func `survives names that are not text`() async throws {
    let folder = try WatchedFolder()
    try await folder.watch { sink in
      try folder.shell("printf x > \"$(printf 'a\\377b\\nc')\"")
      #expect(await sink.linesUntilNow() == ["created a\\xFFb\nc"])
    }
  }
}
