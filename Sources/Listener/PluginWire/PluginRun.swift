// SPDX-License-Identifier: Apache-2.0

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
