// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A trash folder as the freedesktop.org Trash specification 1.0 describes it.
struct TrashCan {
  let folder: String

  /// The trash of the user, `$XDG_DATA_HOME/Trash`.
  static func standard() -> TrashCan {
    let environment = ProcessInfo.processInfo.environment
    let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return TrashCan(folder: (data ?? NSHomeDirectory() + "/.local/share") + "/Trash")
  }

  /// Moves a file here and gives its new path.
  ///
  /// The information file is made first and exclusively, so two files never get one name.
  func take(_ path: String, now: Date) throws -> String {
    let manager = FileManager.default
    for part in ["files", "info"] {
      try manager.createDirectory(
        atPath: "\(folder)/\(part)",
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
    }
    let original = URL(filePath: path)
    let info = Self.info(of: path, now: now)
    for number in 0..<10_000 {
      let name = number == 0 ? original.lastPathComponent : "\(original.lastPathComponent).\(number)"
      let note = URL(filePath: "\(folder)/info/\(name).trashinfo")
      guard (try? Data(info.utf8).write(to: note, options: .withoutOverwriting)) != nil else { continue }
      let destination = "\(folder)/files/\(name)"
      do {
        try manager.moveItem(atPath: path, toPath: destination)
      } catch {
        try? manager.removeItem(at: note)
        throw error
      }
      return destination
    }
    throw CocoaError(.fileWriteFileExists)
  }

  private static func info(of path: String, now: Date) -> String {
    let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.dateFormat = "yyyy-MM-dd'T'HH:mm:ss"
    return "[Trash Info]\nPath=\(escaped)\nDeletionDate=\(format.string(from: now))\n"
  }
}
