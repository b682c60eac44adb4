// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A line on a terminal that tells how far something has come, and that is gone in the end; nothing anywhere else.
struct ProgressLine {
  private let isShown = isatty(STDERR_FILENO) != 0

  /// Writes a text over what stood there.
  func show(_ text: String) { if isShown { write("\r\(text)\u{1B}[K") } }

  /// Takes the line away.
  func clear() { if isShown { write("\r\u{1B}[K") } }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
