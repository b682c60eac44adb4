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

  /// Appends an event of 300 bytes with its line break.
  ///
  /// Made of bytes, since the time that the producer takes is not the host's.
  static func append(_ number: Int, to text: inout [UInt8]) {
    let end = text.count + 300
    append(#"{"type":"order.created","source":"bench","id":""#, to: &text)
    text += "\(number)".utf8
    append(#"","data":{"total":"#, to: &text)
    text += "\(number % 1000)".utf8
    append(#","note":""#, to: &text)
    text.append(contentsOf: repeatElement(UInt8(ascii: "x"), count: end - 4 - text.count))
    append("\"}}\n", to: &text)
  }

  private static func append(_ literal: StaticString, to text: inout [UInt8]) {
    text.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// Sends events at a rate and returns when all are answered; each says when it is sent, in nanoseconds of the monotonic
  /// clock.
  public func send(count: Int, perSecond rate: Int) {
    let start = Self.now()
    var (sent, answered) = (0, 0)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var text: [UInt8] = []
    while answered < count {
      text.removeAll(keepingCapacity: true)
      let due = min(count, Int(Double(Self.now() - start) / 1e9 * Double(rate)) + 1)
      while sent < due {
        Self.append(#"{"type":"order.created","source":"timed","id":""#, to: &text)
        text += "\(start)-\(sent)".utf8
        Self.append(#"","data":{"note":""#, to: &text)
        text.append(contentsOf: repeatElement(UInt8(ascii: "x"), count: 200))
        Self.append(#"","sent":"#, to: &text)
        text += "\(Self.now())}}\n".utf8
        sent += 1
      }
      guard text.isEmpty || write(text) else { return }
      var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      // A millisecond is the finest step of the rate.
      guard Foundation.poll(&poll, 1, 1) > 0 else { continue }
      let read = read(descriptor, &buffer, buffer.count)
      guard read > 0 else { return }
      answered += lines(in: buffer, read)
    }
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Sends events and returns when all are answered.
  public func send(_ numbers: Range<Int>, window: Int = 1000) {
    var sent = numbers.lowerBound
    var answered = numbers.lowerBound
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var text: [UInt8] = []
    while answered < numbers.upperBound {
      text.removeAll(keepingCapacity: true)
      while sent < numbers.upperBound, sent - answered < window {
        Self.append(sent, to: &text)
        sent += 1
      }
      guard write(text) else { return }
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return }
      answered += lines(in: buffer, count)
    }
  }

  private func write(_ text: [UInt8]) -> Bool {
    var offset = 0
    while offset < text.count {
      let count = text.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress.map { $0 + offset }, text.count - offset)
      }
      guard count > 0 else { return false }
      offset += count
    }
    return true
  }

  private func lines(in buffer: [UInt8], _ count: Int) -> Int {
    buffer.withUnsafeBufferPointer { bytes in
      var lines = 0
      for index in 0..<count where bytes[index] == UInt8(ascii: "\n") { lines += 1 }
      return lines
    }
  }
}
