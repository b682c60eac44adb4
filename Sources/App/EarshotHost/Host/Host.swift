// SPDX-License-Identifier: Apache-2.0

import Aggregates
import Dispatching
import DurableLog
import EventModel
import EventSources
import Expressions
import Failpoints
import Foundation
import PluginHost
import PluginWire
import Processes
import Projections
import Rules
import SQLiteLog
import Synchronization

/// Theory of operation.
///
/// The host is the only place where the parts are joined: the log, the dispatcher that routes and sees runs to their
/// end, the plugins that make attempts, the sources that bring events, and the control socket.
///
/// Start: rules and plugins are read and checked; the log is opened; the rules' text is stored in it; what an earlier
/// host left is taken up; sources and sockets start; then the host is ready. Stop: no further event is taken, no
/// further attempt handed out; running attempts may finish until a deadline; then plugins end and the log is closed.
/// A failure of the log ends the process at once, since nothing may be acknowledged any more.
public final class Host: Sendable {
  /// The source that every host has: the socket for events.
  static let socketSource = SourceDefinition(id: "socket", kind: SourceKinds.socketKind, options: [:])

  private let configuration: HostConfiguration
  private let log: SQLiteLog
  private let archive: RuleArchive
  private let listeners: Listeners
  private let dispatcher: Dispatcher
  private let commands: CommandHandler
  private let aggregateListeners: AggregateListeners
  private let pluginStates: PluginStates
  private let snapshots: SnapshotFile?
  private let sources: RunningSources
  private let followers = Followers()
  private let keeper: LogKeeper
  private let views: ViewKeeper
  private let loaded: Mutex<LoadedRules>
  private let started: Timestamp

  private init(_ configuration: HostConfiguration, _ loaded: LoadedRules) throws {
    self.configuration = configuration
    self.loaded = Mutex(loaded)
    let environment = SecretStore.open(configuration.environment)
    let scope = ScopeSurroundings(
      environment: environment,
      secrets: try SecretStore.load(environment: configuration.environment)
    )
    let report = { @Sendable [report = configuration.report] line in report(scope.redaction.redacted(line)) }
    let clock = configuration.clock
    started = clock.now()
    log = try Self.openLog(configuration)
    archive = RuleArchive(log: log, clock: clock)
    keeper = LogKeeper(log, report: report)
    views = ViewKeeper(path: configuration.paths.views, log: log, clock: clock, report: report)
    let streams = StreamGauge()
    snapshots = SnapshotFile(path: configuration.paths.snapshots)
    let around = PluginSupervisor.Surroundings(
      starter: configuration.starter,
      clock: log.clock,
      environment: environment,
      report: report
    )
    aggregateListeners = AggregateListeners(loaded.catalog, in: around, redaction: scope.redaction)
    pluginStates = PluginStates(log, plugins: aggregateListeners)
    commands = CommandHandler(
      log: log,
      clock: clock,
      scope: scope,
      snapshots: snapshots,
      plugins: pluginStates,
      isReady: { streams.isComplete($0) }
    )
    listeners = Listeners(
      loaded.catalog,
      in: around,
      redaction: scope.redaction,
      commands: CommandRunner(handler: commands)
    )
    let kinds = SourceKinds()
    dispatcher = Dispatcher(
      loaded.rules,
      credits: Listeners.credits(loaded.rules, loaded.catalog),
      in: .init(
        log: log,
        clock: clock,
        scope: scope,
        runner: listeners,
        fetchRules: { [archive, catalog = loaded.catalog] revision throws(LogFailure) in
          try archive.fetch(revision, plugins: catalog, sources: kinds)
        },
        report: report,
        viewFolding: RowFolding()
      )
    )
    sources = RunningSources(
      log: log,
      clock: clock,
      make: { try kinds.source($0, in: configuration) },
      report: report
    )
    listeners.answer(to: dispatcher)
    streams.look(at: dispatcher)
  }

  private static let lowSpace =
    "the disk is full: no event is taken until there is room, and what is under way is still recorded"

  private static func openLog(_ configuration: HostConfiguration) throws -> SQLiteLog {
    let report = configuration.report
    return try LogFolder.open(
      configuration.paths,
      clock: configuration.clock,
      onSpace: { isLow in
        report(isLow ? Self.lowSpace : "there is room on the disk again: events are taken")
      },
      onFatal: { failure in
        report("\(failure); the host ends, since nothing can be recorded any more")
        exit(74)
      }
    )
  }

  /// Runs a host until it is asked to stop; `ready` gets a line for people once the host hears everything.
  ///
  /// - Throws: `HostFailure`.
  public static func run(_ configuration: HostConfiguration, ready: (String) -> Void) async throws {
    LargeBuffers.giveBack()
    let signals = Signals()
    let notifier = ServiceNotifier(environment: configuration.environment)
    let host = try Host(configuration, try await LoadedRules.load(configuration))
    try await host.start()
    let control = try await host.startControl()
    let line = host.summary
    ready(line)
    notifier.send(.ready(status: line))
    let watchdog = Self.startWatchdog(notifier, configuration.clock)
    for await wish in signals.wishes {
      guard wish == .reload else { break }
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      notifier.send(
        .reloading(monotonicMicroseconds: UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1000)
      )
      _ = await host.reload()
      notifier.send(.ready(status: host.summary))
    }
    notifier.send(.stopping)
    watchdog?.cancel()
    await host.stop(control)
  }

  private static func startWatchdog(_ notifier: ServiceNotifier, _ clock: any HostClock) -> Task<Void, Never>?
  {
    guard let pause = notifier.watchdogPause else { return nil }
    // Lives as long as the host and is cancelled when that stops.
    return Task {
      while (try? await clock.sleep(for: pause)) != nil { notifier.send(.watchdog) }
    }
  }

  private func start() async throws {
    let rules = loaded.withLock { $0 }
    dispatcher.hold()
    log.start(
      router: dispatcher,
      observer: CommitFanOut(dispatcher: dispatcher, followers: followers, keeper: keeper, views: views)
    )
    do {
      await listeners.use(rules.rules, catalog: rules.catalog)
      await aggregateListeners.use(rules.rules, catalog: rules.catalog)
      let before = try rulesBefore(rules)
      let plan = try dispatcher.plan(for: rules.rules, instead: before)
      try await dispatcher.begin(rules.rules, instead: before)
      try await dispatcher.beginStreams(rules.rules)
      try dispatcher.use(rules.rules, credits: Listeners.credits(rules.rules, rules.catalog))
      try await archive.store(rules.files, of: rules.rules, windows: plan)
      try await dispatcher.settleWindows(of: before)
      try await dispatcher.settleStreams()
      commands.use(rules.rules.aggregates)
      Failpoint.recovering.pass()
      try await dispatcher.recover()
      Failpoint.recovered.pass()
    } catch {
      throw HostFailure("\(error)", status: 74)
    }
    keeper.use(rules.rules.settings)
    await views.use(rules.rules.views)
    await sources.use([Self.socketSource] + rules.rules.sources)
  }

  /// The rules of the host before, if they are to be had.
  private func rulesBefore(_ present: LoadedRules) throws -> RuleSet? {
    guard let revision = try RuleHistory(log).revision(at: log.lastPosition()) else { return nil }
    if revision == present.rules.revision { return present.rules }
    return try archive.fetch(revision, plugins: present.catalog, sources: SourceKinds())
  }

  private func startControl() async throws -> RunningControlServer {
    let server = ControlServer(
      path: configuration.paths.controlSocket,
      control: HostControl(
        log: log,
        clock: configuration.clock,
        dispatcher: dispatcher,
        followers: followers,
        views: ViewQueries(
          reader: ViewReader(path: configuration.paths.views, clock: configuration.clock),
          log: log,
          keeper: views
        ) { [self] in loaded.withLock { $0.rules.views } },
        commands: commands,
        aggregates: { [self] in aggregateQueries },
        status: { [self] in status },
        reload: { [self] in await reload() }
      )
    )
    return try await server.start()
  }

  private func stop(_ control: RunningControlServer) async {
    await sources.close()
    keeper.close()
    dispatcher.quiesce()
    let deadline = Alarm(clock: log.clock) { [listeners, aggregateListeners] in
      // An alarm must not wait, and ending plugins takes time.
      Task {
        await listeners.close()
        await aggregateListeners.close()
      }
    }
    deadline.set(log.clock.now() + configuration.patience)
    await dispatcher.waitUntilIdle()
    deadline.cancel()
    await listeners.close()
    await aggregateListeners.close()
    followers.close()
    await control.stop(clock: log.clock)
    await views.close()
    await log.close()
  }

  /// Reads rules and plugins anew; when anything is wrong with them, those that run stay.
  private func reload() async -> HostControl.ReloadAnswer {
    do {
      let new = try await LoadedRules.load(configuration)
      let old = loaded.withLock { $0.rules }
      let plan = try dispatcher.plan(for: new.rules)
      // Before the log knows these rules: a host that ends between the two must find new ones new.
      try await dispatcher.begin(new.rules, instead: old)
      try await dispatcher.beginStreams(new.rules)
      try await archive.store(new.files, of: new.rules, windows: plan)
      try dispatcher.use(new.rules, credits: Listeners.credits(new.rules, new.catalog))
      try await dispatcher.settleWindows(of: old)
      try await dispatcher.settleStreams()
      await aggregateListeners.use(new.rules, catalog: new.catalog)
      commands.use(new.rules.aggregates)
      dispatcher.catchUp()
      await listeners.use(new.rules, catalog: new.catalog)
      loaded.withLock { $0 = new }
      keeper.use(new.rules.settings)
      await views.use(new.rules.views)
      await sources.use([Self.socketSource] + new.rules.sources)
      configuration.report("rules read anew: \(summary)")
      for line in plan.text { configuration.report(line) }
      let census = try? RunCensus(log)
      for line in census?.lines(besides: new.rules.revision) ?? [] { configuration.report(line) }
      guard case .object(let members) = status else { preconditionFailure("a status is an object") }
      return .init(
        isDone: true,
        json: .object(members + [.init("windows", plan.json), .init("runs", census?.json ?? .null)])
      )
    } catch {
      configuration.report("the rules were not read anew, those of before stay:\n\(error)")
      return .init(isDone: false, json: ["error": .string("\(error)")])
    }
  }

  private var aggregateQueries: AggregateQueries {
    AggregateQueries(
      log: log,
      aggregates: loaded.withLock { $0.rules.aggregates },
      reader: StateReader(log, snapshots: snapshots),
      plugins: pluginStates
    ) { [dispatcher] in try dispatcher.streamProgress(of: $0) }
  }

  private var summary: String {
    let rules = loaded.withLock { $0.rules }
    let counted = { (count: Int, noun: String) in "\(count) \(noun)\(count == 1 ? "" : "s")" }
    let views = rules.views.isEmpty ? "" : "\(counted(rules.views.count, "view")), "
    return "ready: \(counted(rules.rules.count, "rule")), \(counted(rules.sources.count, "source")), \(views)"
      + "revision \(rules.revision), events to \(configuration.paths.eventSocket)"
  }

  private var status: JSONValue {
    let loaded = loaded.withLock { $0 }
    return [
      "pid": .number(String(getpid())), "started": .string(started.rfc3339),
      "revision": .string(loaded.rules.revision), "rules": .number(String(loaded.rules.rules.count)),
      "sources": .array(loaded.rules.sources.map { .string($0.id) }),
      "plugins": .array(loaded.catalog.pluginNames.map { .string($0) }),
      "paused": .array(
        dispatcher.pausedLanes().map { lane, until in
          ["rule": .string(lane.rule), "listener": .string(lane.listener), "until": .string(until.rfc3339)]
        }
      ),
      "condition_failures": .object(
        dispatcher.conditionFailures().sorted { $0.key < $1.key }.map {
          .init($0.key, .number("\($0.value)"))
        }
      ),
      "position": .number(((try? log.lastPosition()) ?? .start).description),
      "log": .string(configuration.paths.log), "events": .string(configuration.paths.eventSocket),
    ]
  }
}
