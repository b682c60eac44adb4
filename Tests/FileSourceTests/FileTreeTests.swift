// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import FileSource

@Suite struct FileTreeTests {
  private func facts(_ inode: UInt64, isDirectory: Bool = false) -> FileFacts {
    FileFacts(size: 1, modified: 2, inode: inode, isDirectory: isDirectory)
  }

  @Test func `carries along what is in a renamed folder`() {
    var tree = FileTree()
    let root = tree.addRoot(Array("/r".utf8))
    let folder = tree.add(Array("d".utf8), to: root, facts(1, isDirectory: true), isReported: true)
    let file = tree.add(Array("f".utf8), to: folder, facts(2), isReported: true)
    tree.move(folder, to: root, Array("e".utf8))
    #expect(tree.path(file) == Array("/r/e/f".utf8))
    #expect(tree.child(root, Array("d".utf8)) == nil && tree.child(folder, Array("f".utf8)) == file)
  }

  @Test func `agrees with a dictionary over many random changes`() {
    var random = SeededRandom(seed: 7)
    var tree = FileTree()
    let root = tree.addRoot(Array("/".utf8))
    var model: [[UInt8]: UInt64] = [:]
    for step in 0..<20_000 {
      let name = Array("n\(Int.random(in: 0..<600, using: &random))".utf8)
      if let node = tree.child(root, name) {
        #expect(model[name] == tree[node].inode)
        tree.remove(node)
        model[name] = nil
      } else {
        #expect(model[name] == nil)
        _ = tree.add(name, to: root, facts(UInt64(step)), isReported: true)
        model[name] = UInt64(step)
      }
    }
    let names = tree.children(root).map { Array(tree.name($0)) }
    #expect(names.count == model.count && Set(names) == Set(model.keys))
    #expect(tree.count == model.count + 1)
  }

  @Test func `keeps facts in the checkpoint as they are`() {
    for facts in [
      FileFacts(size: 0, modified: 0, inode: 0, isDirectory: false),
      FileFacts(size: .max, modified: -1, inode: .max, isDirectory: true),
    ] {
      #expect(FileFacts(encoded: facts.encoded) == facts)
    }
    #expect(FileFacts(encoded: [0]) == nil && FileFacts(encoded: []) == nil)
  }

  @Test func `writes bytes that are not text so that they can be told apart`() {
    #expect(PathText([0x61, 0xFF, 0xC3, 0xA4]).text == "a\\xFFä")
    #expect(PathText([0x61, 0xFF]).isEscaped && !PathText(Array("ä\n".utf8)).isEscaped)
    #expect(PathText(Array("a\n\u{FFFE}".utf8)).attribute == "a\\x0A\\xEF\\xBF\\xBE")
  }

  @Test func `knows file systems that report no changes`() {
    let table = MountTable(
      """
      36 35 98:0 / / rw shared:1 - ext4 /dev/root rw
      37 36 0:45 / /mnt/share rw - nfs4 server:/ rw
      38 36 0:46 / /mnt/phone rw shared:2 master:1 - fuse.mtp mtp rw
      """
    )
    #expect(!table.isSilent(MountTable.device(98, 0)) && !table.isSilent(1))
    #expect(table.isSilent(MountTable.device(0, 45)) && table.isSilent(MountTable.device(0, 46)))
  }
}
