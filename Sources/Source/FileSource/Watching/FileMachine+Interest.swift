// SPDX-License-Identifier: Apache-2.0

extension FileMachine {
  /// What the options and ignore files say about a path.
  struct Interest: Equatable {
    /// Whether its changes are reported.
    var isReported = false
    /// Whether it is, as a folder, watched.
    var isEntered = false
  }

  func interest(_ folder: FileTree.Index, _ name: [UInt8], isDirectory: Bool) -> Interest {
    let place = tree.place(folder)
    if let names = root(of: place.root)?.names {
      return Interest(isReported: !isDirectory && names.contains(name) && plan.filter.admits(name[...]))
    }
    let relative = place.relative.isEmpty ? name : place.relative + [0x2F] + name
    guard plan.filter.admits(relative[...]), !isIgnored(folder, name, isDirectory) else { return Interest() }
    return Interest(
      isReported: plan.filter.reports(relative[...]),
      isEntered: isDirectory && plan.isRecursive
    )
  }

  /// Asks the ignore files from the innermost folder outward; the first that has an opinion decides.
  private func isIgnored(_ folder: FileTree.Index, _ name: [UInt8], _ isDirectory: Bool) -> Bool {
    guard plan.filter.honoursIgnoreFiles, !ignoreFiles.isEmpty else { return false }
    var path = name
    var node = folder
    while true {
      if let verdict = ignoreFiles[node]?.verdict(path[...], isDirectory: isDirectory) { return verdict }
      guard tree[node].parent != 0 else { return false }
      path = Array(tree.name(node)) + [0x2F] + path
      node = tree[node].parent
    }
  }

  /// Reads the ignore files of a folder; tells whether they say something else than before.
  mutating func readIgnoreFiles(_ folder: FileTree.Index, _ path: [UInt8]) -> Bool {
    guard plan.filter.honoursIgnoreFiles, root(of: folder)?.names == nil else { return false }
    let texts = IgnoreFile.names.compactMap { disk.read((path.last == 0x2F ? path : path + [0x2F]) + $0) }
    let rules = IgnoreFile(texts)
    let before = ignoreFiles[folder]
    ignoreFiles[folder] = rules.isEmpty ? nil : rules
    return ignoreFiles[folder] != before
  }
}
