// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a log did to its files, and what it had answered by then.
struct Recording: Sendable {
  /// One thing that happened, in order.
  enum Step: Sendable {
    case create(String)
    case write(String, offset: Int, bytes: [UInt8])
    case truncate(String, size: Int)
    case sync(String)
    case delete(String, isLasting: Bool)
    /// A change was acknowledged; from now on the log holds at least this content.
    case acknowledged(content: Int)
  }

  /// The files before it began, all of them on disk.
  var start: [String: [UInt8]] = [:]
  var steps: [Step] = []
  /// What the log held after each commit, the first before any; see `LogContent`.
  var contents: [String] = []
  /// How many changes were acknowledged.
  var changes = 0
}

/// Makes a recording.
final class Recorder: Sendable {
  private let recording: Mutex<Recording>
  private let folder: String

  init(folder: String, start: [String: [UInt8]]) {
    self.folder = folder
    recording = Mutex(Recording(start: start))
  }

  var result: Recording { recording.withLock { $0 } }

  func note(_ call: borrowing WatchedStorage.Call) {
    let name = String(call.path.dropFirst(folder.utf8.count + 1))
    let step: Recording.Step
    switch call.kind {
    case .create: step = .create(name)
    case .write: step = .write(name, offset: call.offset, bytes: Array(call.bytes))
    case .truncate: step = .truncate(name, size: call.offset)
    case .sync: step = .sync(name)
    case .delete: step = .delete(name, isLasting: call.isLasting)
    case .open, .read, .size, .lock, .share, .access: return
    }
    recording.withLock { $0.steps.append(step) }
  }

  /// Notes what the log holds before any change.
  func begin(_ content: String) { recording.withLock { $0.contents.append(content) } }

  /// Notes that a change was acknowledged, and what the log held then.
  func acknowledge(_ content: String) {
    recording.withLock {
      if $0.contents.last != content { $0.contents.append(content) }
      $0.changes += 1
      $0.steps.append(.acknowledged(content: $0.contents.count - 1))
    }
  }
}
