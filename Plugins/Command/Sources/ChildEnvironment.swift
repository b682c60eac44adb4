// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK

/// What a program finds in its environment.
enum ChildEnvironment {
  /// What it inherits of this process's own.
  static let inherited: Set = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER"]

  static func make(_ context: ActionContext, adding added: [String: String]) throws -> [String: String] {
    for (name, value) in added { try ArgumentCheck.check(variable: name, value) }
    let own = try told(context)
    return ProcessInfo.processInfo.environment
      .filter { inherited.contains($0.key) }
      .merging(own) { $1 }
      .merging(added) { $1 }
  }

  /// What it is told of the event and the attempt.
  private static func told(_ context: ActionContext) throws -> [String: String] {
    var result = [
      "EARSHOT_RULE": context.rule, "EARSHOT_KEY": context.key, "EARSHOT_ATTEMPT": "\(context.attempt)",
    ]
    for attribute in ["id", "type", "source", "subject"] {
      result["EARSHOT_EVENT_\(attribute.uppercased())"] = context.event.root[attribute]?.string
    }
    for (name, value) in result { try ArgumentCheck.check(variable: name, value) }
    return result
  }
}
