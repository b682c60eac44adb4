// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// The header of a request; its names do not tell small letters from capital ones.
struct HeaderFields: Sendable {
  private(set) var fields: [(name: String, value: String)] = []

  /// What proves who is asking.
  private static let credentials: Set = ["authorization", "cookie", "proxy-authorization"]

  /// What belongs to the connection and is decided there.
  private static let reserved: Set = [
    "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer",
  ]

  init(_ given: [String: String]) throws {
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard name.wholeMatch(of: /[A-Za-z0-9!#$%&'*+\-.^_`|~]+/) != nil else {
        throw ActionError.fail("'\(name)' is no name of a header field")
      }
      guard !Self.reserved.contains(name.lowercased()) else {
        throw ActionError.fail("the header field '\(name)' is not for a rule to set")
      }
      guard !value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
        throw ActionError.fail(
          "the header field '\(name)' contains a line break or another control character"
        )
      }
      guard !contains(name) else { throw ActionError.fail("the header field '\(name)' is given twice") }
      fields.append((name, value))
    }
  }

  private func contains(_ name: String) -> Bool {
    fields.contains { $0.name.lowercased() == name.lowercased() }
  }

  mutating func setDefault(_ name: String, _ value: String) {
    if !contains(name) { fields.append((name, value)) }
  }

  mutating func remove(_ name: String) {
    fields.removeAll { $0.name.lowercased() == name.lowercased() }
  }

  mutating func removeCredentials() { Self.credentials.forEach { remove($0) } }
}
