// SPDX-License-Identifier: Apache-2.0

public import EventSources
import Foundation

// Theory of operation.
//
// One thread waits for inotify and for the log. What inotify says only marks paths as not at rest (`SettleQueue`);
// a path that has been at rest for a moment is looked at and compared with the snapshot (`FileTree`), and the
// difference is the event (`FileMachine`). So an editor that writes a temporary file and renames it makes one
// `file.modified`, and notifications that come twice or too late make nothing. After lost notifications, of which
// `file.overflow` tells, and at the start, everything that differs from the snapshot is marked in the same way, as
// recovered.
//
// The snapshot is durable: every event is committed together with the checkpoint entry of its path, so what
// happened while the host did not run is found at the next start, once. On the very first start the files that are
// there are taken in without events, and a marker entry for each root tells later starts that this has happened.
//
// Folders that cannot be watched (network file systems, too many watches) are listed from time to time instead; all
// else is the same. When the log is slow the thread waits for it and the kernel queues; when that queue overflows,
// a rescan follows.

/// Changes of files and folders.
public struct FileEvents: EventSource {
  private let plan: FilePlan
  private let report: @Sendable (String) -> Void
  private let watchLimit: Int

  /// Makes a source; `report` is told in words what a person should know, such as a limit of the system.
  ///
  /// It is called on the source's thread and must return quickly.
  public init(_ plan: FilePlan, report: @escaping @Sendable (String) -> Void = { _ in }) {
    self.init(plan, watchLimit: .max, report: report)
  }

  init(_ plan: FilePlan, watchLimit: Int, report: @escaping @Sendable (String) -> Void) {
    self.plan = plan
    self.watchLimit = watchLimit
    self.report = report
  }

  /// Watches until the task is cancelled.
  public func run(_ context: SourceContext) async throws {
    let wake = try WakePipe()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        Thread.detachNewThread { [plan, report, watchLimit] in
          continuation.resume(
            with: Result {
              var watcher = FileWatcher(plan, context, wake, watchLimit: watchLimit, report: report)
              do { try watcher.run() } catch is CancellationError where wake.isStopped {}
            }
          )
        }
      }
    } onCancel: {
      wake.stop()
    }
  }
}
