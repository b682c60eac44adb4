// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK

/// Refuses what the system would cut short or a program would take for something else.
enum ArgumentCheck {
  /// What the kernel takes for one argument or variable, with the zero byte at its end.
  static let maximumElement = 128 << 10

  static func check(arguments: [String]) throws {
    guard let name = arguments.first, !name.isEmpty else {
      throw ActionError.fail("the command is empty: 'run' needs a program")
    }
    for (index, argument) in arguments.enumerated() { try check(argument, "argument \(index)") }
  }

  static func check(directory: String) throws {
    try check(directory, "'cwd'")
    guard directory.hasPrefix("/") else {
      throw ActionError.fail("'cwd' must be an absolute path, not '\(directory)'")
    }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue
    else {
      throw ActionError.fail("there is no folder '\(directory)'")
    }
  }

  static func check(variable name: String, _ value: String) throws {
    guard name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
      throw ActionError.fail("'\(name)' is no name of an environment variable")
    }
    let isRefused = ["BASH_ENV", "IFS"].contains(name) || name.hasPrefix("LD_") || name.hasPrefix("DYLD_")
    guard !isRefused else {
      throw ActionError.fail("'\(name)' may not be set: it changes which code a program runs")
    }
    try check("\(name)=\(value)", "the variable '\(name)'")
  }

  private static func check(_ text: String, _ what: String) throws {
    guard !text.utf8.contains(0) else { throw ActionError.fail("\(what) contains a zero byte") }
    guard text.utf8.count < maximumElement else {
      throw ActionError.fail("\(what) is longer than 128 KiB: give it as 'stdin'")
    }
  }
}
