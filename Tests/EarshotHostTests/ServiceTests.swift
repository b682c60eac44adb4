// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import EarshotHost

@Suite struct ServiceTests {
  @Test func `quotes arguments so that the service manager reads them back unchanged`() {
    #expect(SystemdUnit.quoted("a b") == #""a b""#)
    #expect(SystemdUnit.quoted(#"50% $HOME "x" \"#) == #""50%% $$HOME \"x\" \\""#)
  }

  @Test func `runs the given command line and waits for its readiness`() {
    let text = SystemdUnit(executable: "/opt/e/earshot", arguments: ["run", "/etc/my rules"]).text
    #expect(text.contains(#"ExecStart="/opt/e/earshot" "run" "/etc/my rules""#))
    #expect(text.contains("Type=notify\n"))
  }

  @Test func `tells the service manager through a datagram`() throws {
    let path = NSTemporaryDirectory() + "notify-\(UUID().uuidString.prefix(8))"
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer {
      close(descriptor)
      unlink(path)
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    ServiceNotifier(environment: ["NOTIFY_SOCKET": path]).send(.ready(status: "9 rules\nloaded"))
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    #expect(
      String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self) == "READY=1\nSTATUS=9 rulesloaded\n"
    )
  }

  @Test func `beats at half of the watchdog interval when it is meant`() {
    let environment = ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"]
    #expect(ServiceNotifier(environment: environment, processID: 7).watchdogPause == .seconds(15))
    #expect(ServiceNotifier(environment: environment, processID: 8).watchdogPause == nil)
    #expect(ServiceNotifier(environment: [:], processID: 7).watchdogPause == nil)
  }
}
