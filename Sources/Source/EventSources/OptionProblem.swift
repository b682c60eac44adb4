// SPDX-License-Identifier: Apache-2.0

/// A mistake in the options of a source.
public struct OptionProblem: Error, Hashable, Sendable {
  /// The option's name.
  public let option: String
  /// The stable code of the mistake.
  public let code: String
  /// What is wrong, in words.
  public let message: String

  /// Makes a problem.
  public init(option: String, code: String, message: String) {
    self.option = option
    self.code = code
    self.message = message
  }
}
