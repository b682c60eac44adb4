// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FileSource

@Suite struct WorkingNameTests {
  @Test(arguments: [
    ".f.swp", ".goutputstream-X1", "#f#", "f~", "~lock.f", "sedAbC1x2", "4913", "tmp1", "f.tmp", "f.new",
    "f.12345",
    "f.k3J9xQ", "f.partial", "f.a-b", "", "f.", "._f", "new",
  ])
  func `a name that is made up for a while is recognised`(name: String) {
    #expect(WorkingName.isLikely(Array(name.utf8)))
  }

  @Test(arguments: ["invoice-7.pdf", "a.c", "f1", "photo.jpeg", "b.tar.gz", "x.mp3", "é.txt"])
  func `an ordinary name is not`(name: String) {
    #expect(!WorkingName.isLikely(Array(name.utf8)))
  }
}
