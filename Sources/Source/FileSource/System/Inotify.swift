// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The kernel's notifications.
///
/// Used by one thread. Writing is heard of when the file is closed, so no half-written file is reported; reads
/// and changes of attributes are not asked for.
final class Inotify {
  private static let wanted =
    UInt32(IN_CREATE) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM)
    | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

  /// The descriptor to wait for; -1 when there is none.
  let descriptor: Int32
  private var mounts: MountTable
  /// Devices that no mount table names, so that it is read again only once for each.
  private var unnamed: Set<UInt64> = []
  private let report: @Sendable (String) -> Void
  private let watchLimit: Int
  private var watchCount = 0
  private var hasReportedLimit = false
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  /// Opens the kernel's queue, unless everything is to be polled anyway; `watchLimit` is for tests.
  init(isPolling: Bool, watchLimit: Int = .max, report: @escaping @Sendable (String) -> Void) {
    self.report = report
    self.watchLimit = watchLimit
    mounts = MountTable()
    descriptor = isPolling ? -1 : inotify_init1(Int32(O_CLOEXEC | O_NONBLOCK))
    if !isPolling, descriptor < 0 {
      report(
        "no inotify instance is free, so files are polled; raise fs.inotify.max_user_instances,"
          + " for example: sysctl fs.inotify.max_user_instances=512"
      )
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func watch(_ path: [UInt8], device: UInt64) -> WatchAnswer {
    guard descriptor >= 0, !isSilent(device) else { return .mustPoll }
    let isRefused = watchCount >= watchLimit
    let watch = isRefused ? -1 : SystemDisk.withPath(path) { inotify_add_watch(descriptor, $0, Self.wanted) }
    guard watch < 0 else {
      watchCount += 1
      return .watching(watch)
    }
    guard isRefused || errno == ENOSPC else {
      return errno == ENOENT || errno == ENOTDIR ? .gone : .mustPoll
    }
    reportLimit(path)
    return .mustPoll
  }

  func unwatch(_ watch: Int32) { if descriptor >= 0 { inotify_rm_watch(descriptor, watch) } }

  private func isSilent(_ device: UInt64) -> Bool {
    if !mounts.knows(device), unnamed.insert(device).inserted { mounts = MountTable() }
    return mounts.isSilent(device)
  }

  private func reportLimit(_ path: [UInt8]) {
    guard !hasReportedLimit else { return }
    hasReportedLimit = true
    report(
      "the limit of inotify watches is reached at '\(PathText(path).text)', so this folder and others are"
        + " polled; raise fs.inotify.max_user_watches, for example: sysctl fs.inotify.max_user_watches=1048576"
    )
  }

  /// The notifications that wait, as many as one read gives.
  func read() -> [RawEvent] {
    guard descriptor >= 0 else { return [] }
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return [] }
    var events: [RawEvent] = []
    buffer.withUnsafeBytes { bytes in
      var offset = 0
      while offset < count {
        let header = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
        let start = offset + MemoryLayout<inotify_event>.size
        let name = bytes[start..<start + Int(header.len)].prefix { $0 != 0 }
        events += Self.events(header, Array(name))
        offset = start + Int(header.len)
      }
    }
    return events
  }

  private static func events(_ header: inotify_event, _ name: [UInt8]) -> [RawEvent] {
    let kinds: [(mask: UInt32, kind: RawEvent.Kind)] = [
      (UInt32(IN_Q_OVERFLOW), .overflow), (UInt32(IN_CREATE), .created), (UInt32(IN_CLOSE_WRITE), .closed),
      (UInt32(IN_DELETE), .deleted), (UInt32(IN_MOVED_FROM), .movedFrom), (UInt32(IN_MOVED_TO), .movedTo),
      (UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_UNMOUNT), .folderLost),
      (UInt32(IN_IGNORED), .ignored),
    ]
    return kinds.filter { header.mask & $0.mask != 0 }.map { _, kind in
      RawEvent(
        kind: kind,
        watch: header.wd,
        cookie: header.cookie,
        isDirectory: header.mask & UInt32(IN_ISDIR) != 0,
        name: name
      )
    }
  }
}
