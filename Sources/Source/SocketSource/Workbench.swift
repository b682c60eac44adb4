// SPDX-License-Identifier: Apache-2.0

import EventModel
import NIOCore
import Synchronization

/// The scratch storage that all connections of one event loop share, one after another.
///
/// A thousand idle clients thus need no more of it than one.
final class Workbench {
  var intake: EventIntake
  var answers: [UInt8] = []

  init(defaultSource: String, clock: any HostClock) {
    intake = EventIntake(defaultSource: defaultSource, clock: clock)
  }
}

/// The workbenches of all event loops.
final class Workbenches: Sendable {
  private let benches = Mutex<[ObjectIdentifier: NIOLoopBound<Workbench>]>([:])
  private let defaultSource: String
  private let clock: any HostClock

  init(defaultSource: String, clock: any HostClock) {
    self.defaultSource = defaultSource
    self.clock = clock
  }

  /// The workbench of the event loop that calls.
  func bench(of loop: any EventLoop) -> Workbench {
    let bench = benches.withLock { benches in
      if let bench = benches[ObjectIdentifier(loop)] { return bench }
      let bench = NIOLoopBound(Workbench(defaultSource: defaultSource, clock: clock), eventLoop: loop)
      benches[ObjectIdentifier(loop)] = bench
      return bench
    }
    return bench.value
  }
}
