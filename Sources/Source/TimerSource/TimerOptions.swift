// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
public import PluginWire
import TimeZones

/// The options of a timer as rule files give them.
public enum TimerOptions {
  /// The shape of the options.
  public static let schema = ParameterSchema.object([
    .init("every", .string(allowed: []), isRequired: false, summary: "A duration between firings."),
    .init("at", .string(allowed: []), isRequired: false, summary: "One moment, as RFC 3339."),
    .init(
      "cron",
      .string(allowed: []),
      isRequired: false,
      summary: "Five fields, or six with the seconds first."
    ),
    .init("timezone", .string(allowed: []), isRequired: false, summary: "The zone of the cron expression."),
    .init(
      "missed",
      .string(allowed: TimerPlan.Missed.allCases.map(\.rawValue)),
      isRequired: false,
      summary: "What becomes of firings while the host did not run."
    ),
    .init("jitter", .string(allowed: []), isRequired: false, summary: "How late a firing may come."),
  ])

  /// The plan that options make, or all that is wrong with them; `options` must fit the schema.
  public static func plan(_ options: JSONValue) -> Result<TimerPlan, Problems> {
    var problems: [OptionProblem] = []
    let rhythms = ["every", "at", "cron"].filter { options[$0] != nil }
    if rhythms.count != 1 {
      let message = "a timer needs exactly one of every, at and cron"
      problems.append(OptionProblem(option: rhythms.last ?? "every", code: "timer-rhythm", message: message))
    }
    if options["timezone"] != nil, options["cron"] == nil {
      problems.append(
        OptionProblem(option: "timezone", code: "timer-zone", message: "only cron has a time zone")
      )
    }
    let zone = zone(options, &problems)
    let rhythm = rhythms.first.map { Self.rhythm($0, options[$0]?.string ?? "", zone, &problems) } ?? nil
    let jitter = duration(options, "jitter", &problems) ?? .zero
    let missed = (options["missed"]?.string).flatMap(TimerPlan.Missed.init(rawValue:)) ?? .runOnce
    guard problems.isEmpty, let rhythm else { return .failure(Problems(problems: problems)) }
    return .success(TimerPlan(rhythm, missed: missed, jitter: jitter))
  }

  /// The mistakes in the options of one timer.
  public struct Problems: Error, Hashable, Sendable {
    /// At least one mistake.
    public let problems: [OptionProblem]
  }

  private static func rhythm(
    _ name: String,
    _ text: String,
    _ zone: ZoneRules?,
    _ problems: inout [OptionProblem]
  ) -> TimerPlan.Rhythm? {
    switch name {
    case "every":
      if let period = DurationText.duration(of: text), period >= .milliseconds(1) { return .every(period) }
      let message = "'\(text)' is no duration of a millisecond or more: write for example 10s, 5m or 1h30m"
      problems.append(OptionProblem(option: name, code: "timer-every", message: message))
    case "at":
      if let moment = Timestamp(rfc3339: text) { return .at(moment) }
      let message = "'\(text)' is no moment: write for example 2027-01-31T08:00:00Z"
      problems.append(OptionProblem(option: name, code: "timer-at", message: message))
    default:
      do throws(CronError) {
        let expression = try CronExpression(text)
        return zone.map { .cron(CronSchedule(expression, zone: $0)) }
      } catch {
        problems.append(OptionProblem(option: name, code: error.code.rawValue, message: error.message))
      }
    }
    return nil
  }

  private static func zone(_ options: JSONValue, _ problems: inout [OptionProblem]) -> ZoneRules? {
    let name = options["timezone"]?.string ?? "UTC"
    if let zone = ZoneDatabase.zone(named: name) { return zone }
    let message = "there is no time zone '\(name)': write for example Europe/Berlin"
    problems.append(OptionProblem(option: "timezone", code: "timer-zone", message: message))
    return nil
  }

  private static func duration(_ options: JSONValue, _ name: String, _ problems: inout [OptionProblem])
    -> Duration?
  {
    guard let text = options[name]?.string else { return nil }
    if let duration = DurationText.duration(of: text) { return duration }
    let message = "'\(text)' is no duration: write for example 10s or 5m"
    problems.append(OptionProblem(option: name, code: "timer-\(name)", message: message))
    return nil
  }
}
