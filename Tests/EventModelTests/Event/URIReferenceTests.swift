// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventModel

@Suite struct URIReferenceTests {
  private func isValid(_ text: String, isAbsolute: Bool = false) -> Bool {
    URIReference.isValid(Array(text.utf8).span, isAbsolute: isAbsolute)
  }

  @Test(arguments: [
    "", "/", "a", "a/b?c=d#e", "//host", "http://host", "http://user:pw@host:80/x", "http://[::1]:8/",
    "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "mailto:a@b.c", "1-555-123-4567", "%41", "./a:b", "?q",
    "#f",
    "https://github.com/cloudevents", "x-y.z+1:rest", "http://host:/p", "a;b=c,d!$&'()*+~_",
  ])
  func `accepts references of every form`(text: String) {
    #expect(isValid(text))
  }

  @Test(arguments: [
    "a b", "http://a b", "http://[::1", "http://::1]", "%zz", "%4", "\\x", "1a:b", ":a", "a#b#c", "<x>", "\"",
    "a^b",
    "é", "http://host:8x/", "http://[]/", "{x}", "a|b", "`", "http://h[x]/", "a[b]",
  ])
  func `refuses what the grammar does not produce`(text: String) {
    #expect(!isValid(text))
  }

  @Test func `asks an absolute one for its scheme`() {
    #expect(isValid("urn:x", isAbsolute: true))
    #expect(!isValid("/x", isAbsolute: true))
  }
}
