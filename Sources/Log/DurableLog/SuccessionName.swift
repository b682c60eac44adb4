// SPDX-License-Identifier: Apache-2.0

/// What names a gate or a turn: the rule or the listener whose it is, and the value of a key.
///
/// The log compares the bytes and knows nothing of what is in them.
public struct SuccessionName: Hashable, Sendable {
  /// The rule of a gate, or the listener of a turn.
  public let owner: String
  /// The value that the key has for the event, as JSON.
  public let key: [UInt8]

  /// Names a gate or a turn.
  public init(owner: String, key: [UInt8]) {
    self.owner = owner
    self.key = key
  }

  /// Reads the form in which a run has it; nil when it is none.
  public init?(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: 0) else { return nil }
    owner = String(decoding: bytes[..<end], as: UTF8.self)
    key = Array(bytes[(end + 1)...])
  }

  /// The form in which a run has it: names of rules and listeners hold no zero.
  public var bytes: [UInt8] { Array(owner.utf8) + [0] + key }
}
