// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How large a fault test is made: small in the usual run, as large as the environment says in others.
public enum FaultSize {
  /// The number that a variable of the environment gives, or the one for the short form.
  public static func of(_ variable: String, short: Int) -> Int {
    ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? short
  }

  /// The seed that `EARSHOT_SEED` gives, or a new one.
  public static func seed() -> UInt64 {
    ProcessInfo.processInfo.environment["EARSHOT_SEED"].flatMap { UInt64($0) } ?? .random(in: .min ... .max)
  }
}
