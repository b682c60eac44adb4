// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A client of a unix socket that blocks, as simple programs do.
final class SocketClient: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      sent += try bytes[sent...].withUnsafeBytes { rest in
        let count = Foundation.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        guard count > 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return count
      }
    }
  }

  /// Sends as much as is taken before nothing was read for a while; gives the number of bytes.
  func stuff(_ bytes: [UInt8], upTo limit: Int) -> Int {
    var sent = 0
    while sent < limit {
      // Keeps lines whole whatever part of them was taken.
      let count = bytes[(sent % bytes.count)...]
        .withUnsafeBytes {
          Foundation.send(
            descriptor,
            $0.baseAddress,
            $0.count,
            Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
          )
        }
      if count > 0 {
        sent += count
        continue
      }
      var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      if poll(&state, 1, 300) == 0 { break }
    }
    return sent
  }

  /// Says that nothing more comes.
  func endInput() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next so many lines, or fewer if the other side closes.
  func lines(_ count: Int) -> [String] {
    var bytes: [UInt8] = []
    var found = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while found < count {
      let size = recv(descriptor, &buffer, buffer.count, 0)
      guard size > 0 else { break }
      found += buffer[..<size].count { $0 == 0x0A }
      bytes += buffer[..<size]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// All lines until the other side closes.
  func allLines() -> [String] { lines(.max) }
}
