// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What an expression may speak of.
public struct Scope: Sendable {
  /// The event.
  public let event: JSONView
  /// The variables of the host's environment.
  public let environment: [String: String]
  /// The outputs of the finished steps by their ids.
  public let outputs: [String: JSONValue]

  /// Makes a scope.
  public init(event: JSONView, environment: [String: String] = [:], outputs: [String: JSONValue] = [:]) {
    self.event = event
    self.environment = environment
    self.outputs = outputs
  }
}
