// SPDX-License-Identifier: Apache-2.0

public import PluginWire
public import Rules

/// The plugins that make states and decide on commands, as far as aggregates need them.
public protocol AggregatePlugins: Sendable {
  /// Asks a plugin; whatever it does, there is an answer or a failure in the end.
  ///
  /// - Throws: `busy` when the plugin cannot answer now and may do so another time, `failed` when it never will.
  func ask(_ question: AggregateQuestion, of aggregate: PluginAggregate) async throws(CommandFailure)
    -> AggregateAnswer
}
