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
    /// Messages in their order; as many as came at once.
    case messages([PluginMessage])
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
  private let input: PluginInput

  private init(process: any RunningProcess, input: PluginInput) {
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
    let (input, output, error): (ProcessPipe, ProcessPipe, ProcessPipe)
    let running: any RunningProcess
    do {
      (input, output, error) = (try ProcessPipe(), try ProcessPipe(), try ProcessPipe())
      var program = Program(path: executable.path)
      program.environment = environment.filter { inheritedVariables.contains($0.key) }
      program.input = input.readEnd.number
      program.output = output.writeEnd.number
      program.error = error.writeEnd.number
      running = try await starter.start(program) { heard(.ended($0)) }
    } catch {
      throw PluginFailure(.start, "\(error)")
    }
    for end in [input.readEnd, output.writeEnd, error.writeEnd] { end.close() }
    let plugin = PluginProcess(process: running, input: PluginInput(input.writeEnd))
    plugin.readMessages(output.readEnd, heard)
    plugin.readLog(error.readEnd, heard)
    return plugin
  }

  /// Sends whole lines.
  func send(_ bytes: [UInt8]) { input.send(bytes) }

  /// Sends a signal to the plugin and everything that it started.
  func signal(_ number: Int32) { process.signal(number) }

  private func readMessages(_ end: Descriptor, _ heard: @escaping @Sendable (Remark) -> Void) {
    Self.onThread { [self] in
      var splitter = LineSplitter()
      do {
        try Self.readAll(end) { bytes in
          var messages: [PluginMessage] = []
          defer { if !messages.isEmpty { heard(.messages(messages)) } }
          try splitter.append(bytes) { line in
            if let message = try PluginMessage(line: line) { messages.append(message) }
          }
        }
      } catch {
        heard(.violation(error is LineSplitter.LineTooLong ? "a line is too long" : "\(error)"))
        signal(SIGKILL)
      }
    }
  }

  private func readLog(_ end: Descriptor, _ heard: @escaping @Sendable (Remark) -> Void) {
    Self.onThread {
      var line: [UInt8] = []
      try? Self.readAll(end) { bytes in
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

  private static func readAll(_ end: Descriptor, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    defer { end.close() }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(end.number, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
