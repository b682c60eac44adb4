// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// The signals by which a host is told to stop or to read its rules anew, instead of what they would do by themselves.
struct Signals {
  enum Wish: Sendable {
    case stop, reload
  }

  let wishes: AsyncStream<Wish>
  private let sources: [any DispatchSourceSignal]

  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Wish.self)
    wishes = stream
    sources = [(SIGTERM, Wish.stop), (SIGINT, .stop), (SIGHUP, .reload)].map { number, wish in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield(wish) }
      source.resume()
      return source
    }
  }
}
