// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Tells the service manager about the host's state through the socket named by `NOTIFY_SOCKET`.
///
/// The protocol is that of sd_notify(3): one datagram of `NAME=value` lines. Without a socket every call does
/// nothing, so the same code runs under a manager and in a terminal.
public struct ServiceNotifier: Sendable {
  /// What the service manager may be told.
  public enum Message: Sendable, Hashable {
    /// The host is up: its sockets accept and its watches stand.
    case ready(status: String)
    /// The rules are being loaded again; must be followed by `ready`.
    case reloading(monotonicMicroseconds: UInt64)
    /// The host is draining.
    case stopping
    /// The host is alive; due twice in each watchdog interval.
    case watchdog

    /// The datagram's text.
    var text: String {
      switch self {
      case .ready(let status): "READY=1\nSTATUS=\(status.filter { !$0.isNewline })\n"
      case .reloading(let now): "RELOADING=1\nMONOTONIC_USEC=\(now)\n"
      case .stopping: "STOPPING=1\n"
      case .watchdog: "WATCHDOG=1\n"
      }
    }
  }

  /// Half of the watchdog interval that the manager asked for, or nil when it asked for none.
  public let watchdogPause: Duration?
  private let socketPath: String?

  /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` from `environment`.
  public init(environment: [String: String], processID: Int32? = nil) {
    socketPath = environment["NOTIFY_SOCKET"].flatMap {
      $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil
    }
    let isForUs = environment["WATCHDOG_PID"].map { $0 == String(processID ?? getpid()) } ?? true
    let interval = isForUs ? environment["WATCHDOG_USEC"].flatMap(Int64.init) : nil
    watchdogPause = interval.flatMap { $0 > 0 ? .microseconds($0 / 2) : nil }
  }

  /// Sends a message; failures are ignored, since a host must not die of a missing listener.
  public func send(_ message: Message) {
    guard let socketPath else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(socketPath.utf8)
    if path.first == UInt8(ascii: "@") { path[0] = 0 }
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    let text = Array(message.text.utf8)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
