// SPDX-License-Identifier: Apache-2.0

import DurableLog

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Space on the disk that is kept back for what must be written even when the disk is full.
///
/// Belongs to the writer thread.
public protocol SpaceReserve: Sendable {
  /// Keeps the space back; false when the disk has not enough of it.
  func take() -> Bool
  /// Gives the space to whoever writes next.
  func release()
}

/// A file that takes up space.
public struct ReserveFile: SpaceReserve {
  private let path: String
  private let size: UInt64

  /// Reserves `size` bytes at `path`; on a small disk, no more than a sixteenth of it.
  public init(path: String, size: UInt64 = 16 << 20) {
    self.path = path
    let capacity = Self.space(around: path).map { $0.capacity / 16 }
    self.size = min(size, capacity ?? size) & ~4095
  }

  /// What is free must also leave something to write to, or the next commit would find the disk full again.
  public func take() -> Bool {
    if let taken = Self.allocated(path), taken >= size { return true }
    guard let free = Self.space(around: path)?.free, free >= size + size / 4 else { return false }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard Self.allocate(descriptor, size) else {
      release()
      return false
    }
    return true
  }

  /// Removes the file.
  public func release() { unlink(path) }

  private static func allocated(_ path: String) -> UInt64? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return UInt64(status.st_blocks) * 512
  }

  private static func allocate(_ descriptor: Int32, _ size: UInt64) -> Bool {
    #if canImport(Glibc)
      return posix_fallocate(descriptor, 0, off_t(size)) == 0
    #else
      // There is no other portable way than to write.
      let zeros = [UInt8](repeating: 0, count: 1 << 16)
      var written: UInt64 = 0
      while written < size {
        let count = write(descriptor, zeros, Int(min(size - written, UInt64(zeros.count))))
        guard count > 0 else { return false }
        written += UInt64(count)
      }
      return true
    #endif
  }

  private static func space(around path: String) -> (free: UInt64, capacity: UInt64)? {
    let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = end.map { String(path[..<$0]) } ?? "."
    var status = statvfs()
    guard statvfs(folder.isEmpty ? "/" : folder, &status) == 0 else { return nil }
    let unit = UInt64(status.f_frsize)
    return (UInt64(status.f_bavail) * unit, UInt64(status.f_blocks) * unit)
  }
}
