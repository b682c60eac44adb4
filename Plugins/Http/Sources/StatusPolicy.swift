// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// What a status means for the step.
///
/// What the rule lists comes first, a single status before a class. Otherwise 2xx is a success; 408, 425, 429 and 5xx
/// may pass; all else will not.
struct StatusPolicy: Sendable {
  enum Verdict { case success, retry, fail }

  private let retry: Set<String>
  private let fail: Set<String>

  init(retry: [JSONValue], fail: [JSONValue]) throws {
    self.retry = Set(try retry.map(Self.entry))
    self.fail = Set(try fail.map(Self.entry))
    if let both = self.retry.intersection(self.fail).min() {
      throw ActionError.fail("'\(both)' stands in 'retry_on' and in 'fail_on'")
    }
  }

  /// A status or a class; a number is the same as its digits.
  private static func entry(_ value: JSONValue) throws -> String {
    let text = (value.string ?? value.int.map(String.init) ?? value.json).lowercased()
    guard text.wholeMatch(of: /[1-5]([0-9]{2}|xx)/) != nil else {
      throw ActionError.fail("'\(text)' is no status: write 404, or 5xx for a class of them")
    }
    return text
  }

  func verdict(on status: Int) -> Verdict {
    for entry in ["\(status)", "\(status / 100)xx"] {
      if retry.contains(entry) { return .retry }
      if fail.contains(entry) { return .fail }
    }
    switch status {
    case 200...299: return .success
    case 408, 425, 429, 500...599: return .retry
    default: return .fail
    }
  }
}
