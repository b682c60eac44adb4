// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program that does not want to go, and what it has started.
///
/// It ignores SIGTERM, and so does a child of it that holds its output open. Another one is a daemon with a session of
/// its own, which holds the output open as well and writes down each signal that it gets.
public struct HostileTree: Sendable {
  /// Where the processes write down what they are; it is also in their environment.
  public let folder: String

  /// Makes a folder for a tree.
  public init() throws {
    folder = NSTemporaryDirectory() + "earshot-tree-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// The program for a shell.
  ///
  /// `TREE` in its environment is the folder. Says `up` when all is there.
  public static let script = """
    setsid sh -c '
      (
        trap "echo signalled >> $TREE/signals" TERM HUP INT QUIT USR1 USR2
        echo up > $TREE/daemon
        while :; do sleep 1000 & wait; done
      ) &'
    trap '' TERM
    (echo up > $TREE/grandchild; while :; do sleep 1000; done) &
    until [ -e $TREE/daemon ] && [ -e $TREE/grandchild ]; do sleep 0.01; done
    echo $$ > $TREE/number
    mv $TREE/number $TREE/leader
    echo up
    while :; do sleep 1000; done
    """

  /// The number of the program and of its group, once everything is there.
  public var leader: Int32? {
    (try? String(contentsOfFile: folder + "/leader", encoding: .utf8))
      .flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// What is left of the group, and what lives outside of it.
  public func processes() -> (group: [ListedProcess], escaped: [ListedProcess]) {
    let leader = leader
    let all = ListedProcess.marked(with: folder)
    return (all.filter { $0.group == leader }, all.filter { $0.group != leader })
  }

  /// Whether what lives outside of the group has got no signal.
  public var isUndisturbed: Bool { !FileManager.default.fileExists(atPath: folder + "/signals") }

  /// Ends what is left, and removes the folder.
  public func remove() {
    for process in ListedProcess.marked(with: folder) { kill(process.id, SIGKILL) }
    try? FileManager.default.removeItem(atPath: folder)
  }
}
