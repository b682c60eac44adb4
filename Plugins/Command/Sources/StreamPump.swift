// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Serves the pipes of one program on the thread that calls `run`.
struct StreamPump {
  private(set) var output: CapturedText
  private(set) var error: CapturedText
  private var rest: ArraySlice<UInt8>
  private var polled: [pollfd]

  /// The places of the descriptors in `polled`.
  private enum Place { static let end = 0, input = 1, output = 2, error = 3 }

  init(input: Int32?, output: Int32, error: Int32, end: Int32, bytes: [UInt8], limit: Int) {
    self.output = CapturedText(limit: limit)
    self.error = CapturedText(limit: limit)
    rest = bytes[...]
    polled = [
      pollfd(fd: end, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input ?? -1, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: error, events: Int16(POLLIN), revents: 0),
    ]
    for descriptor in polled.dropFirst().map(\.fd) where descriptor >= 0 {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
  }

  /// Returns when the program has ended.
  mutating func run() {
    Self.blockPipeSignal()
    defer { for place in polled.indices { close(place) } }
    while true {
      let count = poll(&polled, nfds_t(polled.count), -1)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      if polled[Place.input].revents != 0 { write() }
      if polled[Place.output].revents != 0 { output.append(read(Place.output)) }
      if polled[Place.error].revents != 0 { error.append(read(Place.error)) }
      if polled[Place.end].revents != 0 { return drain() }
    }
  }

  /// A program that closes its input early must not end this one.
  private static func blockPipeSignal() {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Fetches what the program said before it ended, but not for ever what others say who have its pipe.
  private mutating func drain() {
    var budget = 1 << 20
    while budget > 0 {
      let (first, second) = (read(Place.output), read(Place.error))
      output.append(first)
      error.append(second)
      budget -= first.count + second.count
      if first.isEmpty, second.isEmpty { return }
    }
  }

  /// What can be read without waiting.
  private mutating func read(_ place: Int) -> [UInt8] {
    let descriptor = polled[place].fd
    guard descriptor >= 0 else { return [] }
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, initialized in
      repeat {
        count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      } while count < 0 && errno == EINTR
      initialized = max(0, count)
    }
    if count == 0 || (count < 0 && errno != EAGAIN) { close(place) }
    return bytes
  }

  private mutating func write() {
    let count = rest.withUnsafeBytes { Foundation.write(polled[Place.input].fd, $0.baseAddress, $0.count) }
    if count > 0 { rest = rest.dropFirst(count) }
    if rest.isEmpty || (count < 0 && errno != EAGAIN && errno != EINTR) { close(Place.input) }
  }

  private mutating func close(_ place: Int) {
    if polled[place].fd >= 0 { Foundation.close(polled[place].fd) }
    polled[place].fd = -1
  }
}
