// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// Changes files below the folders that its settings allow.
///
/// Settings: `roots`, a list of absolute folders; without it nothing is allowed. A path leaves its root neither by
/// `..` nor through a symbolic link.
@main struct File: Listener {
  static let actions = [
    action(
      "write",
      Write.self,
      summary: "Replaces a file as a whole.",
      effects: .idempotent,
      writes: ["path"]
    ),
    action(
      "append",
      Append.self,
      summary: "Adds to the end of a file.",
      effects: .irreversible,
      writes: ["path"]
    ),
    action("copy", Copy.self, summary: "Copies a file.", effects: .idempotent, writes: ["to"]),
    action(
      "move",
      Move.self,
      summary: "Moves a file; an existing one is kept.",
      effects: .idempotent,
      writes: ["from", "to"]
    ),
    action(
      "trash",
      Trash.self,
      summary: "Moves a file to the trash.",
      effects: .idempotent,
      writes: ["path"]
    ),
  ]
}
