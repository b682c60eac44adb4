// SPDX-License-Identifier: Apache-2.0

import Rules

/// What the settings mean for the types of events that there are in a log.
///
/// Events of types with an age of their own are found by their types; all others go in the order of the log. What must not
/// go whatever its age is named here, or is found by the log itself: what runs need.
struct Retention {
  /// The texts of rules, which runs of older revisions need.
  static let keptTypes: Set<String> = ["earshot.rules.text", "earshot.rules.revision"]

  /// Types that stay when others go in the order of the log.
  let kept: Set<String>
  /// Types whose events go by themselves, with their ages.
  let ageing: [(type: String, keep: Duration)]
  /// Those of them that are kept for longer than others.
  let lasting: [String]

  /// Reads settings for the types that there are; with `isNew`, all of these are looked through, since other settings may
  /// have kept events of any.
  init(_ settings: HostSettings, types: [String], isNew: Bool) {
    let types = types.filter { !Self.keptTypes.contains($0) }
    let own = types.filter { type in settings.types.contains { $0.types.matches(type) } }
    ageing = (isNew ? types : own).compactMap { type in
      settings.keep(ofType: type).map { (type, keep: $0) }
    }
    let forever = own.filter { settings.keep(ofType: $0) == nil }
    lasting = own.filter { type in
      guard let keep = settings.keep(ofType: type) else { return false }
      return settings.keep.map { keep > $0 } ?? true
    }
    kept = Self.keptTypes.union(forever).union(lasting)
  }
}
