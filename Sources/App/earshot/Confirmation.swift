// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Asks before what cannot be taken back.
enum Confirmation {
  /// Asks a person at a terminal; ends the program unless the answer, or `isGiven`, is yes.
  static func ask(_ question: String, isGiven: Bool) throws {
    guard !isGiven else { return }
    guard isatty(STDIN_FILENO) != 0 else {
      throw commandFailure("nobody is there to be asked; --yes says yes", status: 64)
    }
    FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
    guard let answer = readLine()?.lowercased(), answer == "y" || answer == "yes" else {
      throw commandFailure("nothing was done", status: 1)
    }
  }
}
