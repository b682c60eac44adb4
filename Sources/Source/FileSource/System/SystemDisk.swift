// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The machine's file system.
struct SystemDisk: Disk {
  private static let largestRead = 1 << 20

  let notifier: Inotify

  func look(_ path: [UInt8], followingLinks: Bool) -> Sight {
    var status = stat()
    let failed = Self.withPath(path) { followingLinks ? stat($0, &status) : lstat($0, &status) } != 0
    guard failed else { return .found(Self.facts(status)) }
    return errno == ENOENT || errno == ENOTDIR ? .nothing : .unknown
  }

  func list(_ path: [UInt8]) -> Listing {
    guard let stream = Self.withPath(path, { opendir($0) }) else {
      return [ENOENT, ENOTDIR, EACCES, EPERM, ELOOP].contains(errno) ? .nothing : .unknown
    }
    defer { closedir(stream) }
    var entries: [(name: [UInt8], facts: FileFacts)] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name.0) { name in
        Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
      }
      if name != [0x2E], name != [0x2E, 0x2E] {
        var status = stat()
        let isThere = withUnsafePointer(to: &entry.pointee.d_name.0) { name in
          fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0
        }
        if isThere {
          entries.append((name, Self.facts(status)))
        } else if errno != ENOENT {
          // What is left out would be taken for deleted.
          return .unknown
        }
      }
      errno = 0
    }
    return errno == 0 ? .entries(entries) : .unknown
  }

  func read(_ path: [UInt8]) -> [UInt8]? {
    let file = Self.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW) }
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while bytes.count < Self.largestRead {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  func watch(_ path: [UInt8], device: UInt64) -> WatchAnswer { notifier.watch(path, device: device) }

  func unwatch(_ watch: Int32) { notifier.unwatch(watch) }

  static func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (path + [0]).withUnsafeBytes {
      body($0.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped)
    }
  }

  private static func facts(_ status: stat) -> FileFacts {
    let seconds = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    return FileFacts(
      size: Int64(status.st_size),
      modified: seconds.overflow ? 0 : seconds.partialValue &+ Int64(status.st_mtim.tv_nsec),
      inode: UInt64(status.st_ino),
      isDirectory: status.st_mode & S_IFMT == S_IFDIR,
      isPlain: status.st_mode & S_IFMT == S_IFREG && status.st_nlink == 1,
      device: UInt64(status.st_dev)
    )
  }
}
