// SPDX-License-Identifier: Apache-2.0

/// The file system as a watcher sees it; tests put another one in its place.
protocol Disk {
  /// What is at a path; links are not followed unless asked.
  func look(_ path: [UInt8], followingLinks: Bool) -> Sight
  /// What is in a folder.
  func list(_ path: [UInt8]) -> Listing
  /// The content of a small file; nil when it cannot be read.
  func read(_ path: [UInt8]) -> [UInt8]?
  /// Asks for notifications about a folder.
  func watch(_ path: [UInt8], device: UInt64) -> WatchAnswer
  /// Ends notifications.
  func unwatch(_ watch: Int32)
}

/// What was found at a path.
enum Sight: Equatable {
  case found(FileFacts)
  case nothing
  /// Nothing can be said, for example because a folder may not be entered.
  case unknown

  var facts: FileFacts? { if case .found(let facts) = self { facts } else { nil } }
}

/// What was found in a folder.
enum Listing {
  case entries([(name: [UInt8], facts: FileFacts)])
  /// The folder is gone, or may not be read.
  case nothing
  /// Nothing can be said at the moment.
  case unknown
}

/// What became of the wish to watch a folder.
enum WatchAnswer: Equatable {
  case watching(Int32)
  /// The folder is not there any more.
  case gone
  /// It must be looked at from time to time instead.
  case mustPoll
}

/// One notification.
struct RawEvent: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case created, closed, deleted, movedFrom, movedTo
    /// The watched folder itself is gone from its place.
    case folderLost
    /// The watch has ended.
    case ignored
    case overflow
  }

  var kind: Kind
  var watch: Int32 = -1
  var cookie: UInt32 = 0
  var isDirectory = false
  var name: [UInt8] = []
}
