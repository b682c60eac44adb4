// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A process that the system lists.
public struct ListedProcess: Sendable, Hashable {
  /// Its number.
  public let id: Int32
  /// Its parent's number.
  public let parent: Int32
  /// The number of its group.
  public let group: Int32
  /// Whether it has ended and nobody has waited for it.
  public let isZombie: Bool

  /// All processes.
  public static func all() -> [ListedProcess] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.compactMap { id in
      guard let data = FileManager.default.contents(atPath: "/proc/\(id)/stat") else { return nil }
      let fields = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
      guard let fields, fields.count > 2, let parent = Int32(fields[1]), let group = Int32(fields[2]) else {
        return nil
      }
      return ListedProcess(id: id, parent: parent, group: group, isZombie: fields[0] == "Z")
    }
  }

  /// The children of a process.
  public static func children(of process: Int32) -> [ListedProcess] { all().filter { $0.parent == process } }

  /// Those that have a text in their environment, which a child inherits; zombies have none.
  public static func marked(with text: String) -> [ListedProcess] { all(with: text, in: "environ") }

  /// Those that have a text in their command line.
  public static func named(with text: String) -> [ListedProcess] { all(with: text, in: "cmdline") }

  private static func all(with text: String, in file: String) -> [ListedProcess] {
    let needle = Data(text.utf8)
    return all().filter { process in
      FileManager.default.contents(atPath: "/proc/\(process.id)/\(file)")?.range(of: needle) != nil
    }
  }
}
