// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// All that the rule files of a host say, checked.
public struct RuleSet: Sendable {
  /// Names this very content: a prefix of the SHA-256 of all files, in hexadecimal.
  public let revision: String
  /// The rules in the order of their files and places; ids are unique.
  public let rules: [Rule]
  /// The sources, likewise.
  public let sources: [SourceDefinition]
  /// The listeners that have settings of their own, likewise.
  public let listeners: [ListenerDefinition]
  /// The views, likewise.
  public let views: [ViewDefinition]
  /// The aggregates, likewise.
  public let aggregates: [Aggregate]
  /// What holds for the host itself.
  public let settings: HostSettings
}

extension RuleSet {
  /// A set of one of the rules, which reacts whether it is enabled or not and has effects though it be a shadow, and
  /// those that it calls; for trials.
  public func only(_ rule: Rule) -> RuleSet {
    let called = called(by: rule).map { $0.live(isEnabled: false) }
    let rules = [rule.live(isEnabled: true)] + called
    return RuleSet(
      revision: revision,
      rules: rules,
      sources: [],
      listeners: [],
      views: views,
      aggregates: aggregates,
      settings: settings
    )
  }

  /// The aggregate of that id.
  public func aggregate(_ id: String) -> Aggregate? { aggregates.first { $0.id == id } }

  /// The rules that a rule calls, and those that they call.
  private func called(by rule: Rule) -> [Rule] {
    var found: [String: Rule] = [:]
    var next = rule.calls
    while let id = next.popLast() {
      guard found[id] == nil, let rule = rules.first(where: { $0.id == id }) else { continue }
      found[id] = rule
      next += rule.calls
    }
    return found.values.sorted { $0.id < $1.id }
  }
}

/// A source of events.
public struct SourceDefinition: Sendable, Hashable {
  /// The source's id, which is also the `source` attribute of its events.
  public let id: String
  /// The kind of source.
  public let kind: String
  /// What the kind is told; a JSON object.
  public let options: JSONValue

  /// Defines a source.
  public init(id: String, kind: String, options: JSONValue) {
    self.id = id
    self.kind = kind
    self.options = options
  }
}

/// How a plugin is to be run.
public struct ListenerDefinition: Sendable {
  /// The plugin's name.
  public let id: String
  /// How many processes run it.
  public var instances = 1
  /// How many runs one process has open at most.
  public var concurrency = 8
  /// After how long without work its process ends.
  public var idleStop: Duration = .seconds(300)
  /// The plugin's settings; a JSON object.
  public var settings: JSONValue = [:]
  /// What the listener is given one after another; nil when the order does not matter.
  public var orderBy: Key?
  /// How many attempts may begin in some time; nil for any number.
  public var rate: RateDefinition?
  /// After how many failures in a row the runs of a rule are left alone for a while.
  public var breakerFailures = 10
  /// For how long, at first.
  public var breakerPause: Duration = .seconds(30)

  /// The definition of a listener that no file speaks of.
  public init(id: String) { self.id = id }
}

/// So many in any span of some length.
public struct RateDefinition: Sendable, Hashable {
  /// How many; at least 1.
  public let count: Int
  /// The span's length.
  public let per: Duration

  /// Makes a limit.
  public init(count: Int, per: Duration) {
    self.count = count
    self.per = per
  }
}
