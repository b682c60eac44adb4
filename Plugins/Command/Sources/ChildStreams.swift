// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK

/// The pipes to and from a program.
///
/// One thread serves them all for as long as the program lives. What the program leaves behind outside of its
/// group may hold a pipe open for ever, so its end is told by `childHasEnded` and not by the pipes.
final class ChildStreams: Sendable {
  private let input: PipeEnds?
  private let output: PipeEnds
  private let error: PipeEnds
  private let end: PipeEnds

  init(hasInput: Bool) throws {
    var made: [PipeEnds] = []
    do {
      for _ in 0..<(hasInput ? 4 : 3) { made.append(try PipeEnds()) }
    } catch {
      for pipe in made { pipe.close() }
      throw error
    }
    (output, error, end) = (made[0], made[1], made[2])
    input = hasInput ? made[3] : nil
  }

  /// What becomes the program's standard input, output and error.
  var childEnds: (input: Int32?, output: Int32?, error: Int32?) {
    (input?.reading, output.writing, error.writing)
  }

  /// Closes, after the program was started, what belongs to it alone.
  func closeChildEnds() {
    for descriptor in [input?.reading, output.writing, error.writing] {
      if let descriptor { Foundation.close(descriptor) }
    }
  }

  /// Closes the other ends of a program that could not be started.
  func close() {
    for descriptor in [input?.writing, output.reading, error.reading, end.reading, end.writing] {
      if let descriptor { Foundation.close(descriptor) }
    }
  }

  /// Lets the pump fetch what is still in the pipes, and end.
  func childHasEnded() { Foundation.close(end.writing) }

  /// Feeds the program and gathers what it says until it has ended; closes this side's ends.
  func pump(input bytes: [UInt8], limit: Int) async -> (output: CapturedText, error: CapturedText) {
    await withCheckedContinuation { continuation in
      let thread = Thread { [self] in
        var pump = StreamPump(
          input: input?.writing,
          output: output.reading,
          error: error.reading,
          end: end.reading,
          bytes: bytes,
          limit: limit
        )
        pump.run()
        continuation.resume(returning: (pump.output, pump.error))
      }
      thread.stackSize = 256 << 10
      thread.name = "streams"
      thread.start()
    }
  }
}

/// Both ends of a pipe.
private struct PipeEnds: Sendable {
  let reading: Int32
  let writing: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw ActionError.retry("cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  func close() {
    Foundation.close(reading)
    Foundation.close(writing)
  }
}
