// SPDX-License-Identifier: Apache-2.0

import CSpawn

/// What becomes of large buffers when they are freed.
public enum LargeBuffers {
  /// From this size on a buffer goes back to the system at once, in bytes.
  private static let size: Int32 = 1 << 20

  /// Gives large buffers back to the system; to be called once, when a process starts that lives for long.
  ///
  /// The C library of Linux takes the first large buffer that is freed as a sign that such buffers are common, and keeps
  /// them from then on, apart for almost every thread: a few lines of several megabytes would cost that much for good.
  public static func giveBack() {
    earshot_give_back_buffers(size)
  }
}
