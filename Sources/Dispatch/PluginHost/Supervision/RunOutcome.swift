// SPDX-License-Identifier: Apache-2.0

public import PluginWire

/// An attempt that a plugin is to make, under a number by which the caller knows it.
public struct PluginRun: Sendable, Hashable {
  /// The caller's number; the request's own `id` is chosen anew for each process.
  public let ticket: UInt64
  /// What is asked of the plugin.
  public let request: RunRequest

  /// Makes a run.
  public init(ticket: UInt64, request: RunRequest) {
    self.ticket = ticket
    self.request = request
  }
}

/// How an attempt ended: by the plugin's own reply, or by a `retry` of the host's when the plugin gave none.
public struct RunOutcome: Sendable, Hashable {
  /// The caller's number of the run.
  public let ticket: UInt64
  /// The reply.
  public let reply: RunReply
  /// Whether the plugin said so, or the attempt never began; otherwise nobody knows whether it had its effect.
  public var isKnown = true
}
