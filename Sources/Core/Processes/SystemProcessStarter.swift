// SPDX-License-Identifier: Apache-2.0

import CSpawn
import Foundation
import Synchronization

/// Starts real processes.
public struct SystemProcessStarter: Sendable {
  /// Makes a starter.
  public init() {}
}

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SystemProcessStarter: ProcessStarter {
  public func start(
    _ program: Program,
    started: @escaping @Sendable (Result<any RunningProcess, StartFailure>) -> Void,
    exited: @escaping @Sendable (ProcessExit) -> Void
  ) {
    let thread = Thread {
      switch Self.spawn(program) {
      case .failure(let failure): started(.failure(failure))
      case .success(let process):
        started(.success(process))
        exited(process.wait())
      }
    }
    thread.stackSize = 256 << 10
    thread.name = "child"
    thread.start()
  }

  private static func spawn(_ program: Program) -> Result<ChildProcess, StartFailure> {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    guard null >= 0 else { return .failure(failure(program, errno)) }
    defer { close(null) }
    var id: pid_t = 0
    let error = withStrings([program.path] + program.arguments) { arguments in
      withStrings(program.environment.map { "\($0.key)=\($0.value)" }) { environment in
        program.path.withCString { path in
          withOptionalString(program.directory) { directory in
            var request = earshot_spawn(
              path: path,
              arguments: arguments,
              environment: environment,
              directory: directory,
              input: program.input ?? null,
              output: program.output ?? null,
              error: program.error ?? null,
              death_signal: SIGKILL
            )
            return earshot_spawn(&request, &id)
          }
        }
      }
    }
    return error == 0 ? .success(ChildProcess(id: id)) : .failure(failure(program, error))
  }

  private static func failure(_ program: Program, _ error: Int32) -> StartFailure {
    let reason = String(cString: strerror(error))
    return StartFailure(errno: error, description: "cannot start '\(program.path)': \(reason)")
  }

  private static func withStrings<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { preconditionFailure("the list is ended by nil") }
      return body(start)
    }
  }

  private static func withOptionalString<Result>(
    _ string: String?,
    _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    if let string { string.withCString(body) } else { body(nil) }
  }
}

/// A child of this process.
///
/// The number of an ended child belongs to it until it is waited for, so a signal is only sent under the lock
/// that is also held while the child is waited for.
private final class ChildProcess: RunningProcess {
  let id: Int32
  private let hasEnded = Mutex(false)

  init(id: Int32) { self.id = id }

  func signal(_ number: Int32) {
    hasEnded.withLock { hasEnded in
      if !hasEnded { kill(-id, number) }
    }
  }

  /// Waits for the end, ends what is left of the group, and gives the number back.
  func wait() -> ProcessExit {
    var information = siginfo_t()
    while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    var status: Int32 = 0
    hasEnded.withLock { hasEnded in
      kill(-id, SIGKILL)
      while waitpid(id, &status, 0) < 0, errno == EINTR {}
      hasEnded = true
    }
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
  }
}
