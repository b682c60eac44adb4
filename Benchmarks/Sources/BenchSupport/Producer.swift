// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Events of 300 bytes at a host's socket, with a bounded number that is not answered yet.
public final class Producer {
  private let descriptor: Int32

  /// Connects.
  public init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
  }

  deinit { close(descriptor) }

  /// An event of some 300 bytes.
  public static func event(_ number: Int) -> String {
    let start = #"{"type":"order.created","source":"bench","id":"\#(number)","data":{"total":\#(number % 1000),"note":""#
    return start + String(repeating: "x", count: max(0, 296 - start.count)) + "\"}}\n"
  }

  /// Sends events and returns when all are answered.
  public func send(_ numbers: Range<Int>, window: Int = 1000) {
    var sent = numbers.lowerBound
    var answered = numbers.lowerBound
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while answered < numbers.upperBound {
      var text: [UInt8] = []
      while sent < numbers.upperBound, sent - answered < window {
        text += Array(Self.event(sent).utf8)
        sent += 1
      }
      var offset = 0
      while offset < text.count {
        let count = text.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + offset }, text.count - offset) }
        guard count > 0 else { return }
        offset += count
      }
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return }
      answered += buffer[..<count].count { $0 == UInt8(ascii: "\n") }
    }
  }
}
