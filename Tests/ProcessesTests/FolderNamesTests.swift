// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes
import Testing

@Suite struct FolderNamesTests {
  @Test func `a folder that is not there is told from one that cannot be read`() throws {
    let folder = NSTemporaryDirectory() + "earshot-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["b", ".a"] { try "x".write(toFile: folder + "/" + name, atomically: false, encoding: .utf8) }
    // A link to itself can be read by nobody, not even by the administrator.
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/loop",
      withDestinationPath: folder + "/loop"
    )
    #expect(try FolderNames.read(folder) == [".a", "b", "loop"])
    #expect(try FolderNames.read(folder + "/none") == nil && FolderNames.read(folder + "/b") == nil)
    let failure = #expect(throws: FolderNames.Failure.self) { try FolderNames.read(folder + "/loop") }
    #expect(failure?.description.contains("/loop': ") == true)
    #expect(FileTrust.problem(of: folder + "/loop")?.contains("cannot be looked at") == true)
    #expect(!FileTrust.isPrivate(folder + "/loop"))
    #expect(FileTrust.problem(of: folder + "/none") == nil && FileTrust.isPrivate(folder + "/none"))
  }
}
