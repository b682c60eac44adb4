// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK

/// Replaces a file; readers see the old content or the new one, never a part.
struct Write: Action {
  let path: String
  let content: String

  func run(_ context: ActionContext) async throws -> ActionResult {
    let path = try Roots(context.settings).path(path)
    try Data(content.utf8).write(to: URL(filePath: path), options: .atomic)
    return .output(["path": .string(path)])
  }
}

/// Adds to the end of a file, which is made if there is none.
struct Append: Action {
  let path: String
  let content: String

  func run(_ context: ActionContext) async throws -> ActionResult {
    let path = try Roots(context.settings).path(path)
    // Appending is the kernel's work, so that actions at the same time do not write over each other.
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ActionError.retry("'\(path)': \(String(cString: strerror(errno)))") }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: Data(content.utf8))
    return .output(["path": .string(path)])
  }
}

/// Copies a file over its place of destination, as a whole.
struct Copy: Action {
  let from: String
  let to: String

  func run(_ context: ActionContext) async throws -> ActionResult {
    let roots = try Roots(context.settings)
    let (from, to) = (try roots.path(from), try roots.path(to))
    guard FileManager.default.fileExists(atPath: from) else {
      throw ActionError.fail("there is no file '\(from)'")
    }
    let part = to + ".\(context.key).part"
    try? FileManager.default.removeItem(atPath: part)
    try FileManager.default.copyItem(atPath: from, toPath: part)
    guard rename(part, to) == 0 else {
      let reason = String(cString: strerror(errno))
      try? FileManager.default.removeItem(atPath: part)
      throw ActionError.retry("'\(to)': \(reason)")
    }
    return .output(["path": .string(to)])
  }
}

/// Moves a file; what is already at the destination is kept, and that is a failure.
struct Move: Action {
  let from: String
  let to: String

  func run(_ context: ActionContext) async throws -> ActionResult {
    let roots = try Roots(context.settings)
    let (from, to) = (try roots.path(from), try roots.path(to))
    let manager = FileManager.default
    switch (manager.fileExists(atPath: from), manager.fileExists(atPath: to)) {
    // An earlier attempt did it, and only its answer was lost.
    case (false, true) where context.attempt > 1: break
    case (false, _): throw ActionError.fail("there is no file '\(from)'")
    case (true, true): throw ActionError.fail("'\(to)' is there already")
    case (true, false): try manager.moveItem(atPath: from, toPath: to)
    }
    return .output(["path": .string(to)])
  }
}

/// Moves a file to the user's trash.
struct Trash: Action {
  let path: String

  func run(_ context: ActionContext) async throws -> ActionResult {
    let path = try Roots(context.settings).path(path)
    guard FileManager.default.fileExists(atPath: path) else {
      if context.attempt > 1 { return .done }
      throw ActionError.fail("there is no file '\(path)'")
    }
    return .output(["path": .string(try TrashCan.standard().take(path, now: Date()))])
  }
}
