// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

/// The loop of the watching thread.
struct FileWatcher {
  private static let awaiting = Duration.seconds(1)

  private let context: SourceContext
  private let wake: WakePipe
  private let inotify: Inotify
  private let outbox: Outbox
  private let plan: FilePlan
  private var machine: FileMachine
  private var nextPoll: Timestamp

  init(
    _ plan: FilePlan,
    _ context: SourceContext,
    _ wake: WakePipe,
    watchLimit: Int,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.plan = plan
    self.context = context
    self.wake = wake
    inotify = Inotify(isPolling: plan.isPolling, watchLimit: watchLimit, report: report)
    outbox = Outbox(plan, context, wake)
    machine = FileMachine(plan, disk: SystemDisk(notifier: inotify), sink: outbox, report: report)
    nextPoll = context.clock.now()
  }

  /// Watches until the pipe says stop.
  mutating func run() throws {
    try machine.start(context.checkpoint, at: context.clock.now())
    try outbox.drain()
    context.ready()
    while !wake.isStopped {
      let now = context.clock.now()
      try pollIfDue(now)
      try machine.settle(at: now)
      try outbox.flush()
      wake.wait(inotify.descriptor, milliseconds: timeout(context.clock.now()))
      for event in inotify.read() { try machine.take(event, at: context.clock.now()) }
    }
  }

  private mutating func pollIfDue(_ now: Timestamp) throws {
    let pause = min(plan.poll, machine.roots.contains(where: \.isMissing) ? Self.awaiting : plan.poll)
    guard machine.mustPoll, now >= nextPoll || nextPoll - now > pause else { return }
    try machine.poll(at: now)
    nextPoll = now + pause
  }

  /// How long nothing is due, rounded up; at most a second, since the clock may be set; -1 for as long as nothing happens.
  private func timeout(_ now: Timestamp) -> Int32 {
    var instant = machine.queue.nextDeadline
    if machine.mustPoll { instant = min(instant ?? nextPoll, nextPoll) }
    if !machine.doubtful.isEmpty { return 0 }
    guard let instant else { return -1 }
    let rest = min(max(instant - now, .zero), .seconds(1))
    return Int32(rest / .milliseconds(1)) + 1
  }
}
