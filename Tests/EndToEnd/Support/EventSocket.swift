// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A producer at the event socket that waits for nothing but the socket itself.
final class EventSocket {
  private let descriptor: Int32
  private var rest: [UInt8] = []

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    // A host that says nothing for so long is as good as gone, and a test that waits for ever says nothing of it.
    var patience = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  deinit { close(descriptor) }

  /// Sends a text; false when the host is gone.
  func send(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Foundation.send(
          descriptor,
          buffer.baseAddress.map { $0 + sent },
          bytes.count - sent,
          Int32(MSG_NOSIGNAL)
        )
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// Sends events, some at a time; false when one of them is not taken.
  func sendAll(_ events: [String]) -> Bool {
    var rest = events[...]
    while !rest.isEmpty {
      let some = rest.prefix(200)
      rest = rest.dropFirst(some.count)
      guard send(some.joined(separator: "\n") + "\n") else { return false }
      for _ in some { guard answer()?.hasPrefix(#"{"position""#) == true else { return false } }
    }
    return true
  }

  /// Whether something has come that nobody has read.
  var hasUnread: Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 1
  }

  /// All that comes until the host has nothing more to say or is gone.
  func everything() -> String {
    var all = ""
    while let line = answer() { all += line + "\n" }
    defer { rest = [] }
    return all + String(decoding: rest, as: UTF8.self)
  }

  /// The next answer; nil when the host is gone.
  func answer() -> String? {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        defer { rest.removeFirst(end + 1) }
        return String(decoding: rest[..<end], as: UTF8.self)
      }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      rest += buffer.prefix(count)
    }
  }
}
