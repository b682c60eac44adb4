// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
import Foundation
public import PluginWire

/// The options of a file source as rule files give them.
public enum FileOptions {
  /// The shape of the options.
  public static let schema = ParameterSchema.object([
    .init("paths", texts, isRequired: true, summary: "Folders and files; a leading ~ is the home folder."),
    .init("include", texts, isRequired: false, summary: "Globs of what is reported; everything if left out."),
    .init("exclude", texts, isRequired: false, summary: "Globs of what is left out, with all below it."),
    .init("recursive", .boolean, isRequired: false, summary: "Whether folders inside are watched, too."),
    .init("ignore_files", .boolean, isRequired: false, summary: "Whether .gitignore and .ignore count."),
    .init(
      "events",
      .list(.string(allowed: FilePlan.Kind.allCases.map(\.rawValue))),
      isRequired: false,
      summary: "The kinds of changes that are reported; all if left out."
    ),
    .init("poll", text, isRequired: false, summary: "Look this often instead of being told of changes."),
    .init(
      "settle",
      text,
      isRequired: false,
      summary: "How long a file must be at rest if it may not be complete, 50ms if left out."
    ),
  ])

  /// The mistakes in the options of one source.
  public struct Problems: Error, Hashable, Sendable {
    /// At least one mistake.
    public let problems: [OptionProblem]
  }

  private static let text = ParameterSchema.string(allowed: [])
  private static let texts = ParameterSchema.list(text)

  /// The plan that options make, or all that is wrong with them; `options` must fit the schema.
  public static func plan(_ options: JSONValue) -> Result<FilePlan, Problems> {
    // As shells do: the variable counts before what the system knows of the user.
    plan(options, home: ProcessInfo.processInfo.environment["HOME"] ?? NSHomeDirectory())
  }

  static func plan(_ options: JSONValue, home: String) -> Result<FilePlan, Problems> {
    var problems: [OptionProblem] = []
    let paths = strings(options, "paths").map { absolute($0, home: home, &problems) }
    if paths.isEmpty { problems.append(problem("paths", "paths", "at least one path is needed")) }
    let include = globs(options, "include", &problems)
    let exclude = globs(options, "exclude", &problems)
    let poll = duration(options, "poll", from: .milliseconds(10), "a duration of 10ms or more", &problems)
    let settle = duration(options, "settle", from: .zero, "a duration from 0s to 1m", &problems)
    if let settle, settle > .seconds(60) {
      problems.append(problem("settle", "settle", "a file cannot be awaited for more than 1m"))
    }
    let honours = flag(options, "ignore_files")
    guard problems.isEmpty,
      let filter = try? PathFilter(include: include, exclude: exclude, honoursIgnoreFiles: honours)
    else { return .failure(Problems(problems: problems)) }
    let kinds = strings(options, "events").compactMap(FilePlan.Kind.init(rawValue:))
    return .success(
      FilePlan(
        paths: paths,
        isRecursive: flag(options, "recursive"),
        kinds: Set(options["events"] == nil ? FilePlan.Kind.allCases : kinds),
        poll: poll ?? .seconds(2),
        isPolling: poll != nil,
        settle: settle ?? .milliseconds(50),
        filter: filter,
        fingerprint: fingerprint(options)
      )
    )
  }

  private static func fingerprint(_ options: JSONValue) -> [UInt8] {
    let members = ["include", "exclude", "recursive", "ignore_files"].map { name in
      JSONValue.Member(name, options[name] ?? .null)
    }
    return Array(JSONValue.object(members).json.utf8)
  }

  private static func absolute(_ path: String, home: String, _ problems: inout [OptionProblem]) -> String {
    var path = path
    if path == "~" || path.hasPrefix("~/") { path = home + path.dropFirst() }
    let isClean = !path.isEmpty && !path.utf8.contains(0) && !path.hasPrefix("~")
    guard isClean else {
      problems.append(problem("paths", "paths", "'\(path)' is no path: write for example ~/Inbox"))
      return path
    }
    if !path.hasPrefix("/") { path = FileManager.default.currentDirectoryPath + "/" + path }
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  private static func globs(_ options: JSONValue, _ name: String, _ problems: inout [OptionProblem])
    -> [String]
  {
    let texts = strings(options, name)
    for text in texts {
      do throws(GlobParser.Flaw) {
        _ = try GlobParser.globs(text)
      } catch {
        problems.append(problem(name, "glob", "'\(text)' is no glob: \(words(error))"))
      }
    }
    return texts
  }

  private static func words(_ flaw: GlobParser.Flaw) -> String {
    switch flaw {
    case .empty: "it is empty"
    case .openSet: "a '[' has no ']'"
    case .openBrace: "a '{' has no '}'"
    case .tooManyAlternatives: "its braces stand for too many patterns"
    }
  }

  private static func duration(
    _ options: JSONValue,
    _ name: String,
    from minimum: Duration,
    _ expected: String,
    _ problems: inout [OptionProblem]
  ) -> Duration? {
    guard let text = options[name]?.string else { return nil }
    if let duration = DurationText.duration(of: text), duration >= minimum { return duration }
    problems.append(problem(name, name, "'\(text)' is not \(expected): write for example 500ms or 2s"))
    return nil
  }

  private static func strings(_ options: JSONValue, _ name: String) -> [String] {
    guard case .array(let elements)? = options[name] else { return [] }
    return elements.compactMap(\.string)
  }

  private static func flag(_ options: JSONValue, _ name: String) -> Bool { options[name] != .bool(false) }

  private static func problem(_ option: String, _ code: String, _ message: String) -> OptionProblem {
    OptionProblem(option: option, code: "files-\(code)", message: message)
  }
}
