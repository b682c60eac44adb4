// SPDX-License-Identifier: Apache-2.0

@testable import Dispatching

/// Tasks that are ready to go on; the simulation says which does.
// Unchecked: a simulation is done by one thread.
final class SimulatedExecutor: TaskExecutor, @unchecked Sendable {
  private var ready: [UnownedJob] = []

  var count: Int { ready.count }

  func enqueue(_ job: consuming ExecutorJob) { ready.append(UnownedJob(job)) }

  /// Lets a task go on until it waits.
  func run(_ index: Int) { ready.remove(at: index).runSynchronously(on: asUnownedTaskExecutor()) }
}

/// A serial queue whose work is done when the simulation says so.
// Unchecked: a simulation is done by one thread.
final class SimulatedQueue: WorkQueue, @unchecked Sendable {
  private var work: [@Sendable () -> Void] = []

  var isEmpty: Bool { work.isEmpty }

  func async(_ work: @escaping @Sendable () -> Void) { self.work.append(work) }

  /// Does the first piece of work.
  func run() { work.removeFirst()() }
}
