// SPDX-License-Identifier: Apache-2.0

import CWatchedStorage
import Foundation
import Synchronization

/// A layer between SQLite and its files that tells of every call, and can let it fail.
final class WatchedStorage: Sendable {
  /// What SQLite asks for.
  enum Kind: Int32, Sendable, CaseIterable {
    case open, create, read, write, truncate, sync, size, lock, share, delete, access
  }

  /// One call before it is made.
  struct Call: ~Copyable {
    let kind: Kind
    let path: String
    /// What is to be written; valid only while the call is looked at.
    let bytes: UnsafeRawBufferPointer
    /// The place in the file, the new size, or the number of a shared page.
    let offset: Int
    /// Whether a deletion is to be on disk at once.
    let isLasting: Bool
  }

  /// What is to happen with a call.
  enum Answer: Sendable {
    case proceed
    /// It fails with a status of SQLite's; of a write, so many bytes are written first.
    case fail(Int32, written: Int = 0)
  }

  typealias Watch = @Sendable (borrowing Call) -> Answer

  private final class Context: Sendable {
    let watch: Watch
    init(_ watch: @escaping Watch) { self.watch = watch }
  }

  private static let count = Atomic(0)

  /// The name under which SQLite knows it.
  let name: String
  // Thread-safe: told of by C alone, and forgotten once.
  private nonisolated(unsafe) let storage: OpaquePointer

  init(_ watch: @escaping Watch) {
    name = "watched-\(Self.count.add(1, ordering: .relaxed).newValue)"
    // Lives as long as the process, since a connection may be closed later than the log.
    let context = Unmanaged.passRetained(Context(watch)).toOpaque()
    guard let storage = earshot_storage_register(name, Self.hear, context) else {
      preconditionFailure("SQLite has no storage")
    }
    self.storage = storage
  }

  deinit { earshot_storage_forget(storage) }

  private static let hear: earshot_storage_watch = { context, call, written in
    guard let context, let call = call?.pointee, let path = call.path, let kind = Kind(rawValue: call.kind)
    else { return 0 }
    let isWrite = kind == .write
    let answer = Unmanaged<Context>.fromOpaque(context).takeUnretainedValue().watch(
      Call(
        kind: kind,
        path: String(cString: path),
        bytes: UnsafeRawBufferPointer(start: call.bytes, count: isWrite ? Int(call.count) : 0),
        offset: Int(call.offset),
        isLasting: kind == .delete && call.count != 0
      )
    )
    switch answer {
    case .proceed: return 0
    case .fail(let status, let count):
      written?.pointee = Int64(count)
      return status
    }
  }
}
