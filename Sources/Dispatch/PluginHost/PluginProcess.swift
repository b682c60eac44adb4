// SPDX-License-Identifier: Apache-2.0

import Foundation
import PluginWire
import Processes

/// One running plugin and what it says.
///
/// Two threads read its standard output and error until these end. Everything heard is one stream of `Remark`s;
/// after `ended` nothing more comes.
final class PluginProcess: Sendable {
  /// What is heard of a plugin.
  enum Remark: Sendable, Hashable {
    case message(PluginMessage)
    /// A line for the log.
    case log(String)
    /// The plugin broke the protocol; it has been ended.
    case violation(String)
    case ended(ProcessExit)
  }

  /// What a plugin finds in its environment, if the host has it.
  static let inheritedVariables = ["HOME", "PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "XDG_DATA_HOME"]

  /// The longest line of standard error that is kept whole.
  static let maximumLogLine = 8192

  private let process: any RunningProcess
  /// Held for as long as the plugin is: its end would tell the plugin that the host is gone.
  private let input: FileHandle

  private init(process: any RunningProcess, input: FileHandle) {
    self.process = process
    self.input = input
  }

  /// Starts a plugin; `heard` is called on several threads, one call at a time for each kind of remark.
  static func start(
    _ executable: PluginFolder.Executable,
    starter: any ProcessStarter,
    environment: [String: String],
    heard: @escaping @Sendable (Remark) -> Void
  ) async throws(PluginFailure) -> PluginProcess {
    let (input, output, error) = (Pipe(), Pipe(), Pipe())
    var program = Program(path: executable.path)
    program.environment = environment.filter { inheritedVariables.contains($0.key) }
    program.input = input.fileHandleForReading.fileDescriptor
    program.output = output.fileHandleForWriting.fileDescriptor
    program.error = error.fileHandleForWriting.fileDescriptor
    let running: any RunningProcess
    do {
      running = try await starter.start(program) { heard(.ended($0)) }
    } catch {
      throw PluginFailure(.start, "\(error)")
    }
    for handle in [input.fileHandleForReading, output.fileHandleForWriting, error.fileHandleForWriting] {
      try? handle.close()
    }
    let plugin = PluginProcess(process: running, input: input.fileHandleForWriting)
    plugin.readMessages(output.fileHandleForReading, heard)
    plugin.readLog(error.fileHandleForReading, heard)
    return plugin
  }

  /// Ends the plugin and everything that it started.
  func kill() { process.signal(SIGKILL) }

  private func readMessages(_ handle: FileHandle, _ heard: @escaping @Sendable (Remark) -> Void) {
    Self.onThread { [self] in
      var splitter = LineSplitter()
      do {
        try Self.readAll(handle) { bytes in
          try splitter.append(bytes) { line in
            if let message = try PluginMessage(line: line) { heard(.message(message)) }
          }
        }
      } catch {
        heard(.violation(error is LineSplitter.LineTooLong ? "a line is too long" : "\(error)"))
        kill()
      }
    }
  }

  private func readLog(_ handle: FileHandle, _ heard: @escaping @Sendable (Remark) -> Void) {
    Self.onThread {
      var line: [UInt8] = []
      try? Self.readAll(handle) { bytes in
        for byte in bytes {
          if byte == UInt8(ascii: "\n") {
            heard(.log(String(decoding: line, as: UTF8.self)))
            line.removeAll(keepingCapacity: true)
          } else if line.count < Self.maximumLogLine {
            line.append(byte)
          }
        }
      }
      if !line.isEmpty { heard(.log(String(decoding: line, as: UTF8.self))) }
    }
  }

  private static func onThread(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.stackSize = 256 << 10
    thread.name = "plugin"
    thread.start()
  }

  private static func readAll(_ handle: FileHandle, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    defer { try? handle.close() }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(handle.fileDescriptor, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
