// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// A listener's settings as written.
struct ListenerDraft {
  private var instances: Int?
  private var concurrency: Int?
  private var idleStop: Duration?
  private var settings: YAMLNode?
  private var orderBy: YAMLNode?
  private var breaker = BreakerDraft()
  private var rate = RateDraft()

  static let record = Record(
    "a listener",
    make: { _ in ListenerDraft() },
    fields: [
      Field("instances", "How many processes run the plugin.", .integer(1...64)) { $0.instances = $1 },
      Field("concurrency", "How many runs a process has open at most.", .integer(1...1024)) {
        $0.concurrency = $1
      },
      Field("idle_stop", "After how long without work the process ends.", .duration) { $0.idleStop = $1 },
      Field("with", "The plugin's own settings.", .node(["type": "object"])) { $0.settings = $1 },
      Field("order_by", "What is delivered one after another, in CEL.", .node(["type": "string"])) {
        $0.orderBy = $1
      },
      Field("rate", "How many attempts may begin in some time.", RateDraft.record.shape) { $0.rate = $1 },
      Field("breaker", "When the runs of a rule are left alone for a while.", BreakerDraft.record.shape) {
        $0.breaker = $1
      },
    ]
  )

  func definition(id: String, _ reader: inout NodeReader) -> ListenerDefinition {
    var definition = ListenerDefinition(id: id)
    if let instances { definition.instances = instances }
    if let concurrency { definition.concurrency = concurrency }
    if let idleStop { definition.idleStop = idleStop }
    if let settings { definition.settings = settings.json }
    definition.rate = rate.definition
    if let failures = breaker.failures { definition.breakerFailures = failures }
    if let pause = breaker.pause { definition.breakerPause = pause }
    definition.orderBy = KeyReader.key(orderBy, &reader) ?? nil
    return definition
  }
}

/// A breaker's settings as written.
struct BreakerDraft {
  private(set) var failures: Int?
  private(set) var pause: Duration?

  static let record = Record(
    "a breaker",
    make: { _ in BreakerDraft() },
    fields: [
      Field("failures", "After how many failed attempts in a row.", .integer(1...1_000_000)) {
        $0.failures = $1
      },
      Field("pause", "For how long at first; then twice as long each time.", .positiveDuration) {
        $0.pause = $1
      },
    ]
  )
}

/// A rate as written.
struct RateDraft {
  private var limit: Int?
  private var per: Duration?

  static let record = Record(
    "a rate",
    make: { _ in RateDraft() },
    fields: [
      Field("limit", "How many.", .integer(1...100_000), isRequired: true) { $0.limit = $1 },
      Field("per", "In which time.", .positiveDuration, isRequired: true) { $0.per = $1 },
    ]
  )

  /// The rate; nil when there is none, or something is missing, which has been reported.
  var definition: RateDefinition? {
    limit.flatMap { limit in per.map { RateDefinition(count: limit, per: $0) } }
  }
}
