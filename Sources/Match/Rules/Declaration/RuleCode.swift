// SPDX-License-Identifier: Apache-2.0

/// The codes of mistakes in rule files that YAML itself does not notice.
public enum RuleCode: String, Sendable, CaseIterable {
  /// A value is of the wrong type.
  case type = "rule-type"
  /// A key that does not exist here.
  case unknownKey = "rule-unknown-key"
  /// A key that must be there is missing.
  case missingKey = "rule-missing-key"
  /// A key that exists, but not in this version.
  case unavailable = "rule-unavailable"
  /// A value is outside what is possible.
  case range = "rule-range"
  /// Not a duration.
  case duration = "rule-duration"
  /// Not a size.
  case size = "rule-size"
  /// Not an id.
  case id = "rule-id"
  /// An id that has been given before.
  case duplicateID = "rule-duplicate-id"
  /// Not an event type or type pattern.
  case eventType = "rule-event-type"
  /// A `match` that cannot be compiled.
  case pattern = "rule-pattern"
  /// A step with no action, or with several.
  case stepAction = "rule-step-action"
  /// A source that no file defines.
  case unknownSource = "rule-unknown-source"
  /// A kind of source that does not exist.
  case unknownKind = "rule-unknown-kind"
  /// A plugin that is not installed.
  case unknownPlugin = "rule-unknown-plugin"
  /// An action that the plugin does not have.
  case unknownAction = "rule-unknown-action"
  /// A parameter that the action or source does not have.
  case unknownParameter = "rule-unknown-parameter"
  /// A parameter that must be given is missing.
  case missingParameter = "rule-missing-parameter"
  /// A parameter of the wrong type or value.
  case parameter = "rule-parameter"
  /// A step that a test names but that the rule does not have.
  case unknownStep = "rule-unknown-step"
  /// A column that the view does not have.
  case unknownColumn = "rule-unknown-column"
  /// A value that a column cannot hold.
  case columnType = "rule-column-type"
  /// A rule that is called and does not exist.
  case unknownRule = "rule-unknown-rule"
  /// Rules that call each other in a circle.
  case circle = "rule-circle"
  /// An event that does not change the aggregate whose command appends it.
  case unknownEvolution = "rule-unknown-evolution"
  /// An aggregate that no file defines, or that the plugin does not have.
  case unknownAggregate = "rule-unknown-aggregate"
  /// A view that no file defines.
  case unknownView = "rule-unknown-view"
  /// A condition that looks up states which a plugin makes.
  case pluginState = "rule-plugin-state"
  /// A word that is not among those that are possible.
  case policy = "rule-policy"
  /// Keys that do not go together.
  case combination = "rule-combination"
}
