// SPDX-License-Identifier: Apache-2.0

/// What becomes of a run when an attempt has begun, nobody knows whether it had its effect, and a repetition would be
/// noticed.
public enum UncertainPolicy: String, Sendable, CaseIterable {
  /// It waits until a person says whether the step is to be repeated, passed over, or given up.
  case ask
  /// The step is repeated, as one that failed.
  case retry
  /// It becomes a dead letter.
  case deadLetter = "dead_letter"
}
