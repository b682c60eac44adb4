// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  @preconcurrency import Glibc
#else
  import Darwin
#endif
import EventModel
import PluginWire

/// Joins a session to the standard streams of this process.
enum ListenerProcess {
  /// Runs until standard input ends or the host sends the listener away, then ends the process.
  static func run(_ description: PluginDescription, actions: [ActionDefinition]) -> Never {
    guard isatty(STDIN_FILENO) == 0 else { explain(description) }
    signal(SIGPIPE, SIG_IGN)
    let output = takeStandardOutput()
    let session = ListenerSession(actions: actions) { write($0, to: output) }
    session.begin(description)
    let isRight = read(into: session)
    if !session.isStopping { session.cancelAll() }
    leave(session, status: isRight ? 0 : protocolStatus)
  }

  /// A duplicate of standard output for the conversation; what the actions print goes to standard error.
  private static func takeStandardOutput() -> Int32 {
    let output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
    dup2(STDERR_FILENO, STDOUT_FILENO)
    // Else what is printed would wait in a buffer until there is a lot of it.
    setvbuf(stdout, nil, _IOLBF, 0)
    return output
  }

  /// Reads to the end of standard input or to `stop`; false when the host broke the protocol.
  private static func read(into session: ListenerSession) -> Bool {
    var splitter = LineSplitter()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { buffer.deallocate() }
    while !session.isStopping {
      let count = systemRead(STDIN_FILENO, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return true }
      do {
        try splitter.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { line in
          try session.receive(line: line)
        }
      } catch {
        write(Array("the host broke the protocol: \(error)\n".utf8), to: STDERR_FILENO)
        return false
      }
    }
    return true
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        // The host is gone; the end of standard input will say so too.
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Ends the process when the open actions have ended, or when their time is over.
  private static func leave(_ session: ListenerSession, status: Int32) -> Never {
    if !session.isStopping {
      // A host that is gone waits for nothing, so what does not heed its cancellation is ended.
      Task {
        try? await Task.sleep(for: farewell)
        exit(status)
      }
    }
    // Beside the main thread, which has nothing left to do and cannot wait for tasks.
    Task {
      await session.waitForOpenActions()
      exit(status)
    }
    while true { pause() }
  }

  /// How long open actions may go on after the host is gone.
  private static let farewell = Duration.seconds(3)

  /// The exit status for a broken protocol, `EX_PROTOCOL` of sysexits.h.
  private static let protocolStatus: Int32 = 76

  /// What a person sees who starts a listener by hand.
  private static func explain(_ description: PluginDescription) -> Never {
    print("\(description.name) \(description.version) is a listener: earshot starts it when a rule needs it.")
    if !description.actions.isEmpty { print("\nActions:") }
    for action in description.actions {
      print("  \(description.name).\(action.name)  \(action.summary)")
    }
    if !description.aggregates.isEmpty { print("\nAggregates:") }
    for aggregate in description.aggregates {
      print("  \(description.name).\(aggregate.name)  \(aggregate.summary)")
    }
    exit(64)
  }
}

#if canImport(Glibc)
  private let systemRead = Glibc.read
  private let systemWrite = Glibc.write
#else
  private let systemRead = Darwin.read
  private let systemWrite = Darwin.write
#endif
