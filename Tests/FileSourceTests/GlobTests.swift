// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FileSource

@Suite struct GlobTests {
  private func matches(_ glob: String, _ path: String) throws -> Bool {
    try GlobParser.globs(glob).contains { $0.matches(Array(path.utf8)[...]) }
  }

  @Test(arguments: [
    ("*.pdf", "a.pdf", true), ("*.pdf", "a.pdfx", false), ("*.pdf", "d/a.pdf", false), ("*", "", true),
    ("a*b*c", "aXbYc", true), ("a*b*c", "aXbY", false), ("?", "é", true), ("?", "ab", false),
    ("?", "/", false),
    ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[^a-c]x", "dx", true), ("[]]", "]", true),
    ("[a-]", "-", true), ("[[:digit:]]", "7", true), ("[[:digit:]]", "a", false), ("[!a]", "/", false),
    ("[ä-ü]", "ö", true), ("\\*", "*", true), ("\\*", "a", false), ("[\\]]", "]", true),
    ("[b-a]", "a", false),
    ("**", "a/b/c", true), ("a/**", "a/b/c", true), ("a/**", "a", false), ("**/c", "c", true),
    ("**/c", "a/b/c", true), ("**/c", "a/bc", false), ("a/**/c", "a/c", true), ("a/**/c", "a/b/b/c", true),
    ("a/**/c", "ac", false), ("a/**/c", "a/bc", false), ("a**c", "abc", true), ("a**c", "a/c", false),
    ("*.{jpg,png}", "a.png", true), ("*.{jpg,png}", "a.gif", false), ("{a,b{c,d}}x", "bdx", true),
    ("{a,b{c,d}}x", "bx", false), ("{,x}a", "a", true), ("\\{a\\}", "{a}", true), ("[{]a", "{a", true),
    ("**/*.swift", "Sources/a.swift", true), ("**/a/**/b", "x/a/y/z/b", true), ("***", "ab", true),
  ])
  func `matches as a shell would`(glob: String, path: String, expected: Bool) throws {
    #expect(try matches(glob, path) == expected)
  }

  @Test(arguments: [
    ("", GlobParser.Flaw.empty), ("[a", .openSet), ("{a,b", .openBrace),
    ("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", .tooManyAlternatives),
  ])
  func `refuses what is no glob`(glob: String, flaw: GlobParser.Flaw) {
    #expect(throws: flaw) { try GlobParser.globs(glob) }
  }

  @Test func `takes bytes that are not UTF-8 as one scalar each`() throws {
    let glob = try #require(try GlobParser.globs("a?b*").first)
    #expect(glob.matches([0x61, 0xFF, 0x62, 0xC3][...]))
    #expect(!glob.matches([0x61, 0xFF, 0xFE, 0x62][...]))
  }

  @Test func `needs no exponential time`() throws {
    let path = String(repeating: "a/", count: 100) + String(repeating: "a", count: 200)
    #expect(try !matches(String(repeating: "**/*a*", count: 10) + "b", path))
  }
}
