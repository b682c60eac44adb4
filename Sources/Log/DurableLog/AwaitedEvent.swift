// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The event that a run waits for: one that comes in at a site and has a key.
///
/// A site is a step of a rule, by what it says of the event; whoever stores an event asks for the runs that wait at its sites
/// under its keys, so waiting costs a row and nothing else.
public struct AwaitedEvent: Sendable, Hashable {
  /// The name of the site.
  public var site: String
  /// What tells the event apart from those that others wait for.
  public var key: [UInt8]
  /// From where on the log has not been looked at yet.
  public var from: LogPosition

  /// Makes one.
  public init(site: String, key: [UInt8], from: LogPosition) {
    self.site = site
    self.key = key
    self.from = from
  }
}

/// A site at which runs wait, with the rule by which some of them do.
public struct AwaitedSite: Sendable, Hashable {
  /// The name of the site.
  public var site: String
  /// The rule.
  public var rule: String
  /// Its revision.
  public var revision: String

  /// Names a site.
  public init(site: String, rule: String, revision: String) {
    self.site = site
    self.rule = rule
    self.revision = revision
  }
}
