// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
public import PluginWire

/// What command a source runs, and how.
public struct CommandPlan: Sendable, Hashable {
  /// What a line of output is.
  public enum Format: String, Sendable, CaseIterable {
    /// A text, which becomes a `command.output`.
    case lines
    /// An event, as JSON.
    case json
  }

  /// The program and its arguments.
  public var words: [String]
  /// The pause between two starts; nil for a command that is to run for ever.
  public var every: Duration?
  /// The pause before a command that was to run for ever is started again.
  public var restart: Duration = .seconds(1)
  /// How long a periodic run may take.
  public var timeout: Duration = .seconds(60)
  /// What a line of output is.
  public var format = Format.lines
  /// Variables beside those that every command has.
  public var environment: [String: String] = [:]
  /// The working directory.
  public var directory: String?

  /// Makes a plan for a command that runs for ever.
  public init(words: [String]) { self.words = words }
}

/// The options of a command source as rule files give them.
public enum CommandOptions {
  /// The shape of the options.
  public static let schema = ParameterSchema.object([
    .init("run", .list(.string(allowed: [])), isRequired: true, summary: "The program and its arguments."),
    .init(
      "every",
      .string(allowed: []),
      isRequired: false,
      summary: "A duration; without it, it runs for ever."
    ),
    .init(
      "restart",
      .string(allowed: []),
      isRequired: false,
      summary: "The pause before it is started again."
    ),
    .init("timeout", .string(allowed: []), isRequired: false, summary: "How long a periodic run may take."),
    .init(
      "format",
      .string(allowed: CommandPlan.Format.allCases.map(\.rawValue)),
      isRequired: false,
      summary: "Whether lines are texts or events."
    ),
    .init("env", .map(.string(allowed: [])), isRequired: false, summary: "Further variables."),
    .init("cwd", .string(allowed: []), isRequired: false, summary: "The working directory."),
  ])

  /// The mistakes in the options of one source.
  public struct Problems: Error, Hashable, Sendable {
    /// At least one mistake.
    public let problems: [OptionProblem]
  }

  /// The plan that options make, or all that is wrong with them; `options` must fit the schema.
  public static func plan(_ options: JSONValue) -> Result<CommandPlan, Problems> {
    var problems: [OptionProblem] = []
    var plan = CommandPlan(words: words(options["run"]))
    if plan.words.first?.isEmpty ?? true {
      problems.append(OptionProblem(option: "run", code: "command-run", message: "a command needs a program"))
    }
    if plan.words.contains(where: { $0.contains("\0") }) {
      problems.append(OptionProblem(option: "run", code: "command-run", message: "a word holds a NUL"))
    }
    plan.every = duration(options, "every", &problems)
    plan.restart = duration(options, "restart", &problems) ?? plan.restart
    plan.timeout = duration(options, "timeout", &problems) ?? plan.timeout
    plan.format = (options["format"]?.string).flatMap(CommandPlan.Format.init) ?? .lines
    plan.directory = options["cwd"]?.string
    if case .object(let members)? = options["env"] {
      for member in members { plan.environment[member.key] = member.value.string }
    }
    for name in plan.environment.keys.sorted() where !isAllowed(name) {
      let message = "'\(name)' is no variable that a command may be given"
      problems.append(OptionProblem(option: "env", code: "command-env", message: message))
    }
    return problems.isEmpty ? .success(plan) : .failure(Problems(problems: problems))
  }

  private static func words(_ value: JSONValue?) -> [String] {
    guard case .array(let elements)? = value else { return [] }
    return elements.map { $0.string ?? $0.json }
  }

  private static func duration(_ options: JSONValue, _ name: String, _ problems: inout [OptionProblem])
    -> Duration?
  {
    guard let text = options[name]?.string else { return nil }
    if let duration = DurationText.duration(of: text), duration >= .milliseconds(1) { return duration }
    let message = "'\(text)' is no duration of a millisecond or more: write for example 10s or 5m"
    problems.append(OptionProblem(option: name, code: "command-\(name)", message: message))
    return nil
  }

  /// Names that would change which code a program runs are refused.
  private static func isAllowed(_ name: String) -> Bool {
    let isName = name.utf8.enumerated().allSatisfy { index, byte in
      byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (index > 0 && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte))
    }
    return isName && !name.isEmpty && !name.hasPrefix("LD_") && !name.hasPrefix("DYLD_")
      && !["BASH_ENV", "ENV", "IFS"].contains(name)
  }
}
