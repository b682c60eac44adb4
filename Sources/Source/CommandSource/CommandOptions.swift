// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
public import PluginWire

/// The options of a command as rule files give them.
public enum CommandOptions {
  /// The shape of the options.
  public static let schema = ParameterSchema.object([
    .init("run", .list(text), isRequired: true, summary: "The program and its arguments, without a shell."),
    .init(
      "every",
      text,
      isRequired: false,
      summary: "A duration between runs; without it, it runs all the time."
    ),
    .init("restart", text, isRequired: false, summary: "The pause before it is started again."),
    .init("timeout", text, isRequired: false, summary: "How long one run of a periodic command may take."),
    .init(
      "format",
      .string(allowed: CommandPlan.Format.allCases.map(\.rawValue)),
      isRequired: false,
      summary: "Whether a line of output is text or an event."
    ),
    .init("env", .map(text), isRequired: false, summary: "Variables of its environment."),
    .init("cwd", text, isRequired: false, summary: "Its working directory, an absolute path."),
  ])

  private static let text = ParameterSchema.string(allowed: [])

  /// The mistakes in the options of one command.
  public struct Problems: Error, Hashable, Sendable {
    /// At least one mistake.
    public let problems: [OptionProblem]
  }

  /// The plan that options make, or all that is wrong with them; `options` must fit the schema.
  public static func plan(_ options: JSONValue) -> Result<CommandPlan, Problems> {
    var problems: [OptionProblem] = []
    let run = run(options, &problems)
    let every = duration(options, "every", &problems)
    let restart = duration(options, "restart", &problems)
    let timeout = duration(options, "timeout", &problems)
    if options["every"] != nil, options["restart"] != nil {
      note("restart", "command-rhythm", "only a command without every is started again", &problems)
    }
    if options["every"] == nil, timeout != nil {
      note("timeout", "command-rhythm", "only a command with every has a timeout", &problems)
    }
    if let directory = options["cwd"]?.string, !directory.hasPrefix("/") || directory.utf8.contains(0) {
      note("cwd", "command-cwd", "'\(directory)' is no absolute path", &problems)
    }
    let environment = environment(options, &problems)
    guard problems.isEmpty else { return .failure(Problems(problems: problems)) }
    return .success(
      CommandPlan(
        run: run,
        every: every,
        restart: restart ?? .seconds(1),
        timeout: timeout,
        format: options["format"]?.string.flatMap(CommandPlan.Format.init(rawValue:)) ?? .lines,
        environment: environment,
        directory: options["cwd"]?.string
      )
    )
  }

  private static func run(_ options: JSONValue, _ problems: inout [OptionProblem]) -> [String] {
    guard case .array(let elements) = options["run"] else { return [] }
    let run = elements.compactMap(\.string)
    if run.first?.isEmpty ?? true {
      note("run", "command-run", "run needs a program: write for example [df, -h]", &problems)
    } else if run.contains(where: { $0.utf8.contains(0) }) {
      note("run", "command-run", "an argument cannot contain a zero byte", &problems)
    } else if let name = run.first, name.contains("/"), !name.hasPrefix("/") {
      note(
        "run",
        "command-run",
        "'\(name)' is neither an absolute path nor a name to find in PATH",
        &problems
      )
    }
    return run
  }

  private static func environment(_ options: JSONValue, _ problems: inout [OptionProblem]) -> [String: String]
  {
    guard case .object(let members) = options["env"] else { return [:] }
    for member in members {
      // The loader's variables put foreign code into a program.
      let isName =
        !member.key.isEmpty && !member.key.hasPrefix("LD_") && !member.key.contains("=")
        && !member.key.utf8.contains(0)
      if !isName || member.value.string?.utf8.contains(0) ?? true {
        note("env", "command-env", "'\(member.key)' cannot be a variable with this value", &problems)
      }
    }
    return Dictionary(members.map { ($0.key, $0.value.string ?? "") }) { $1 }
  }

  private static func duration(_ options: JSONValue, _ name: String, _ problems: inout [OptionProblem])
    -> Duration?
  {
    guard let text = options[name]?.string else { return nil }
    if let duration = DurationText.duration(of: text), duration >= .milliseconds(10) { return duration }
    let message = "'\(text)' is no duration of 10ms or more: write for example 10s or 5m"
    note(name, "command-\(name)", message, &problems)
    return nil
  }

  private static func note(
    _ option: String,
    _ code: String,
    _ message: String,
    _ problems: inout [OptionProblem]
  ) {
    problems.append(OptionProblem(option: option, code: code, message: message))
  }
}
