// SPDX-License-Identifier: Apache-2.0

import ListenerSDK
import Processes

/// Runs a program to its end.
///
/// A status other than 0 and those in `accept` is a failure that the rule's retry policy handles, except for those
/// in `fail_on`, for which another attempt makes no sense.
struct Run: Action {
  /// The program's name or path, then its arguments.
  let argv: [String]
  let env: [String: String]?
  /// A text as it is, any other value as JSON.
  let stdin: JSONValue?
  let cwd: String?
  let timeout: String?
  /// How much is kept of standard output, and as much of standard error, in bytes.
  let outputLimit: Int?
  let accept: [Int]?
  let failOn: [Int]?
  /// The files and folders that the program changes, by their absolute paths: the rule is not triggered by them.
  let writes: [String]?

  enum CodingKeys: String, CodingKey {
    case argv = "run"
    case env, stdin, cwd, timeout, accept, writes
    case outputLimit = "output_limit"
    case failOn = "fail_on"
  }

  func run(_ context: ActionContext) async throws -> ActionResult {
    let execution = Execution(program: try program(context), input: input, limit: try limit)
    let outcome = try await execution.run(timeout: try duration)
    switch outcome.exit {
    case .exited(let status) where status == 0 || accept?.contains(Int(status)) == true:
      return .output(outcome.json(status: status))
    case .exited(let status) where failOn?.contains(Int(status)) == true:
      throw ActionError.fail(outcome.account(of: argv[0]))
    case .exited, .signalled:
      throw ActionError.retry(outcome.account(of: argv[0]))
    }
  }

  private func program(_ context: ActionContext) throws -> Program {
    try ArgumentCheck.check(arguments: argv)
    for path in writes ?? [] where !path.hasPrefix("/") {
      throw ActionError.fail("'writes' lists absolute paths, not '\(path)'")
    }
    let environment = try ChildEnvironment.make(context, adding: env ?? [:])
    if let cwd { try ArgumentCheck.check(directory: cwd) }
    let path = try ProgramPath.find(argv[0], directory: cwd, search: environment["PATH"])
    var program = Program(path: path, arguments: Array(argv.dropFirst()), environment: environment)
    program.directory = cwd
    return program
  }

  private var input: [UInt8] {
    switch stdin {
    case nil: []
    case .string(let text): Array(text.utf8)
    case let value?: Array(value.json.utf8)
    }
  }

  private var duration: Duration? {
    get throws {
      guard let timeout else { return nil }
      guard let duration = DurationText.duration(of: timeout), duration > .zero else {
        throw ActionError.fail("'\(timeout)' is no duration: write it as 500ms, 10s or 1h30m")
      }
      return duration
    }
  }

  /// Twice this, with every byte escaped, must fit into a line of the wire.
  static let maximumLimit = 256 << 10

  private var limit: Int {
    get throws {
      let limit = outputLimit ?? 64 << 10
      guard (0...Self.maximumLimit).contains(limit) else {
        throw ActionError.fail("'output_limit' goes from 0 to \(Self.maximumLimit) bytes")
      }
      return limit
    }
  }
}
