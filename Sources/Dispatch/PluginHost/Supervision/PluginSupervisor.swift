// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import PluginWire
public import Processes
import Synchronization

/// Runs one plugin: starts its processes when there is work, shares the work out, and ends them when there is none.
///
/// What is to be done is decided by `PluginSlot`s; this carries it out. Safe to use from any thread.
public final class PluginSupervisor: Sendable {
  /// How the plugin is run.
  public struct Settings: Sendable, Hashable {
    /// How many processes run it.
    public var instances: Int
    /// How many runs one process has open at most.
    public var concurrency: Int
    /// After how long without work a process ends.
    public var idleStop: Duration
    /// The plugin's own settings, a JSON object.
    public var settings: JSONValue

    /// Makes settings.
    public init(instances: Int, concurrency: Int, idleStop: Duration, settings: JSONValue) {
      self.instances = instances
      self.concurrency = concurrency
      self.idleStop = idleStop
      self.settings = settings
    }
  }

  /// What the supervisor needs of the host.
  public struct Surroundings: Sendable {
    let starter: any ProcessStarter
    let clock: any HostClock
    let environment: [String: String]
    let report: @Sendable (_ line: String) -> Void

    /// Makes surroundings; `report` takes lines for the host's log, on any thread.
    public init(
      starter: any ProcessStarter,
      clock: any HostClock,
      environment: [String: String],
      report: @escaping @Sendable (_ line: String) -> Void
    ) {
      self.starter = starter
      self.clock = clock
      self.environment = environment
      self.report = report
    }
  }

  private let executable: PluginFolder.Executable
  private let surroundings: Surroundings
  private let finished: @Sendable ([RunOutcome]) -> Void
  private let workers: [PluginWorker]

  /// Makes a supervisor that answers for every run once, through `finished`, on any thread.
  public init(
    _ executable: PluginFolder.Executable,
    settings: Settings,
    in surroundings: Surroundings,
    finished: @escaping @Sendable ([RunOutcome]) -> Void
  ) {
    self.executable = executable
    self.surroundings = surroundings
    self.finished = finished
    var bytes: [UInt8] = []
    settings.settings.appendJSON(to: &bytes)
    let slot = PluginSlot.Settings(
      name: executable.name,
      concurrency: settings.concurrency,
      idleStop: settings.idleStop,
      settings: bytes
    )
    workers = (0..<settings.instances).map { _ in
      PluginWorker(executable, slot, surroundings, finished: finished)
    }
  }

  /// Takes runs; a process is started for them if none is there.
  public func submit(_ runs: [PluginRun]) {
    guard workers.count > 1 else { return workers[0].submit(runs) }
    var loads = workers.map(\.load)
    var shares = [[PluginRun]](repeating: [], count: workers.count)
    for run in runs {
      let least = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      shares[least].append(run)
      loads[least] += 1
    }
    for (worker, share) in zip(workers, shares) where !share.isEmpty { worker.submit(share) }
  }

  /// Ends runs; each is answered for once it has ended, and a process that does not let go of one is ended.
  public func cancel(_ tickets: [UInt64]) {
    for worker in workers { worker.cancel(Set(tickets)) }
  }

  /// Lets the processes finish what is open, ends those that do not, and returns when all are gone.
  ///
  /// Runs that were not begun, and later ones, are answered for.
  public func close() async {
    for worker in workers { worker.close() }
    for worker in workers { await worker.waitUntilGone() }
  }
}
