// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A server on 127.0.0.1 that answers each request with the next of its answers, and closes the connection.
final class LocalServer: Sendable {
  let port: UInt16
  private let socket: Int32
  private let state: Mutex<(answers: [String], requests: [String])>

  struct Failure: Error {}

  var url: String { "http://127.0.0.1:\(port)" }

  /// What was asked, header and body, in its order.
  var requests: [String] { state.withLock { $0.requests } }

  /// An answer with a status, header lines and a body.
  static func answer(_ status: Int, _ lines: [String] = [], _ body: String = "") -> String {
    let all = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)", "Connection: close"] + lines
    return all.joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  init(_ answers: String..., isSilent: Bool = false) throws {
    socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) == 0 && listen(socket, 16) == 0 && getsockname(socket, $0, &size) == 0
      }
    }
    guard isBound else { throw Failure() }
    port = UInt16(bigEndian: address.sin_port)
    state = Mutex((answers, []))
    guard !isSilent else { return }
    Thread.detachNewThread { [self] in serve() }
  }

  /// Answers until there are no answers left.
  private func serve() {
    defer { close(socket) }
    while let answer = state.withLock({ $0.answers.isEmpty ? nil : $0.answers.removeFirst() }) {
      let connection = accept(socket, nil, nil)
      guard connection >= 0 else { return }
      let request = Self.read(connection)
      state.withLock { $0.requests.append(request) }
      // An empty answer stands for a server that hangs up.
      _ = answer.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
      close(connection)
    }
  }

  private static func read(_ connection: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isWhole(bytes) {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isWhole(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return false }
    let lines = text[..<end.lowerBound].lowercased().split(separator: "\r\n")
    let length = lines.first { $0.hasPrefix("content-length:") }?.drop { !$0.isNumber }
    return text[end.upperBound...].utf8.count >= length.flatMap { Int($0) } ?? 0
  }
}
