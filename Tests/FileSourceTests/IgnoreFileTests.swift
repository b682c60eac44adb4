// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FileSource

@Suite struct IgnoreFileTests {
  @Test(arguments: [
    ("*.log", "a.log", true), ("*.log", "d/e/a.log", true), ("/a.log", "a.log", true),
    ("/a.log", "d/a.log", nil), ("d/a.log", "d/a.log", true), ("d/a.log", "x/d/a.log", nil),
    ("build/", "build/", true), ("build/", "build", nil), ("build/", "x/build/", true),
    ("/build/", "x/build/", nil), ("# no", "# no", nil), ("\\#a", "#a", true), ("\\!a", "!a", true),
    ("a  ", "a", true), ("a\\ ", "a ", true), ("a\r", "a", true), ("", "a", nil), ("/", "a", nil),
    ("*.log\n!keep.log", "keep.log", false), ("!keep.log\n*.log", "keep.log", true),
    ("**/b", "a/b", true), ("a/**", "a/b/c", true), ("a/**/c", "a/c", true), ("**", "a/b", true),
    ("foo/*", "foo/a", true), ("foo/*", "foo/a/b", nil), ("*", "x/y", true), ("{a,b}", "a", nil),
    ("{a,b}", "{a,b}", true), ("[ab", "a", nil), ("a/b/", "a/b/", true), ("doc/*.txt", "doc/a.txt", true),
  ])
  func `says of a path what git says`(text: String, path: String, expected: Bool?) {
    let isDirectory = path.hasSuffix("/")
    let bytes = Array((isDirectory ? String(path.dropLast()) : path).utf8)
    #expect(IgnoreFile([Array(text.utf8)]).verdict(bytes[...], isDirectory: isDirectory) == expected)
  }

  @Test func `lets the later file win`() {
    let rules = IgnoreFile([Array("a\nb".utf8), Array("!b".utf8)])
    #expect(rules.verdict(Array("a".utf8)[...], isDirectory: false) == true)
    #expect(rules.verdict(Array("b".utf8)[...], isDirectory: false) == false)
  }
}
