// SPDX-License-Identifier: Apache-2.0

public import PluginWire

/// How an attempt ended: by the plugin's own reply, or by a `retry` of the host's when the plugin gave none.
public struct RunOutcome: Sendable, Hashable {
  /// The caller's number of the run.
  public let ticket: UInt64
  /// The reply.
  public let reply: RunReply
  /// Whether the plugin said so, or the attempt never began; otherwise nobody knows whether it had its effect.
  public var isKnown = true
}
