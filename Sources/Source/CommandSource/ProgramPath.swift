// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Finds programs as a shell does, but never in the working directory.
enum ProgramPath {
  static func find(_ name: String, in path: String) -> String? {
    if name.hasPrefix("/") { return name }
    return path.split(separator: ":").filter { $0.hasPrefix("/") }.map { $0 + "/" + name }.first {
      access($0, X_OK) == 0
    }
  }
}
