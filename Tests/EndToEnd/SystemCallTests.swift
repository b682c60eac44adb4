// SPDX-License-Identifier: Apache-2.0

#if os(Linux)
  import EarshotHost
  import EventModel
  import FaultTesting
  import Foundation
  import Processes
  import Testing

  /// Hosts of which one call to the system fails.
  ///
  /// `EARSHOT_SYSTEM_CALLS` says how many at most fail in each manner, spread over all that there are; without it a few.
  /// The seed is printed, and `EARSHOT_SEED` repeats it. `EARSHOT_SYSTEM_FAULT` names one manner, such as `EIO`, or one fault
  /// alone, such as `EIO:17`.
  @Suite(.serialized, .timeLimit(.minutes(240))) struct SystemCallTests {
    private static let rules =
      CrashLoad.rules + """

        sources:
          inbox: { uses: files, with: { paths: ["ROOT/inbox"] } }
          tick: { uses: timer, with: { every: 1s } }
        """

    @Test
    func `a system call that fails makes no false answer, no hang and nothing that a new start cannot mend`()
      async throws
    {
      if let fault = SystemFault.wanted {
        let trial = try await trial(fault)
        for problem in trial.problems { Issue.record("\(problem)") }
        return print("\(fault) (\(trial.failed)): \(trial.result)")
      }
      let most = FaultSize.of("EARSHOT_SYSTEM_CALLS", short: 2)
      let seed = FaultSize.seed()
      var random = SeededRandom(seed: seed)
      var tally: [String: Int] = [:]
      var calls = 0
      for manner in SystemFault.manners {
        let whole = try await trial(SystemFault(manner: manner, place: 0))
        try #require(whole.result == "went on" && whole.problems.isEmpty && whole.calls > 10, "\(whole)")
        calls += whole.calls
        let count = min(most, whole.calls)
        let step = Double(whole.calls) / Double(count)
        for index in 0..<count {
          let spread = most < whole.calls ? Double.random(in: 0..<1, using: &random) : 0
          let fault = SystemFault(manner: manner, place: 1 + Int((Double(index) + spread) * step))
          let trial = try await trial(fault)
          for problem in trial.problems { Issue.record("\(fault) (\(trial.failed)): \(problem)") }
          // What a host does depends on when it does it, and so does how many calls there are.
          tally[trial.failed.isEmpty ? "not reached" : trial.result, default: 0] += 1
        }
      }
      let results = tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      print("system calls \(calls), seed \(seed), \(results.joined(separator: ", "))")
      #expect(tally.keys.contains("went on"))
    }

    /// What came of a host.
    private struct Trial {
      /// How many calls could have failed in the manner in question.
      var calls = 0
      /// The name of the one that did.
      var failed = ""
      var result = ""
      var problems: [String] = []
    }

    private func trial(_ fault: SystemFault) async throws -> Trial {
      let bench = try HostBench(rules: Self.rules)
      defer { bench.remove() }
      try FileManager.default.createDirectory(
        atPath: bench.work + "/inbox",
        withIntermediateDirectories: false
      )
      var trial = Trial()
      // Whatever waits for a host that does not go on, comes to its end with it.
      let watchdog = Task {
        try await Task.sleep(for: .seconds(60))
        for process in ListedProcess.named(with: bench.root) { kill(process.id, SIGKILL) }
      }
      let acknowledged = try await work(bench, fault, &trial)
      watchdog.cancel()
      (trial.calls, trial.failed) = try SystemFault.report(bench.root + "/report")
      let isHung = if case .success = await watchdog.result { true } else { false }
      if isHung != (trial.result == Self.deaf) { trial.problems.append("the host hangs") }
      try await startAnew(bench, acknowledged, &trial)
      return trial
    }

    /// Has a host work whose call fails; gives what it has acknowledged.
    private func work(_ bench: HostBench, _ fault: SystemFault, _ trial: inout Trial) async throws -> [String]
    {
      let host = try await HostProcess.launch(
        in: bench,
        adding: fault.variables(report: bench.root + "/report")
      )
      var acknowledged: [String] = []
      if host.isReady {
        try "x".write(toFile: bench.work + "/inbox/x", atomically: false, encoding: .utf8)
        acknowledged = PatientProducer(path: bench.paths.eventSocket).send(50)
        let isHeard = try await eventually(within: .seconds(20)) {
          !host.isAlive || Self.hears(bench)
        }
        if !isHeard { trial.problems.append("a host that lives hears nothing") }
      }
      let wasAlive = host.isAlive
      switch await host.end(SIGTERM) {
      case .exited(0): trial.result = wasAlive ? "went on" : "ended without a word"
      case .exited: trial.result = host.isReady ? "ended" : "not started"
      case .signalled(let number):
        trial.result = "died of signal \(number)" + (host.isReady ? "" : " before it was ready")
        if number == SIGKILL, wasAlive, host.isReady { trial.result = Self.deaf }
      case nil: trial.result = "lost"
      }
      let failed = try SystemFault.report(bench.root + "/report").failed
      if !Self.isClean(trial.result, failed, host.errors) {
        trial.problems.append("the host \(trial.result): \(host.errors.suffix(2000))")
      }
      return acknowledged
    }

    /// What came of a host that worked well and heard no signal.
    private static let deaf = "heard no signal"

    /// Whether a host has ended as it should, and has said why.
    private static func isClean(_ result: String, _ failed: String, _ errors: String) -> Bool {
      switch result {
      case "went on": true
      // Dispatch says nothing when it cannot wait for signals.
      case deaf: failed == "epoll_ctl"
      case "ended", "not started": !errors.isEmpty
      // SwiftNIO and Dispatch end the process when they cannot make what their threads wait with.
      case "died of signal \(SIGILL) before it was ready":
        ["eventfd", "timerfd_create", "epoll_create1", "epoll_ctl"].contains(failed)
      default: false
      }
    }

    /// Whether a host answers over a new connection.
    private static func hears(_ bench: HostBench) -> Bool {
      guard let socket = try? EventSocket(bench.paths.eventSocket) else { return false }
      return socket.send(#"{"type":"hello"}"# + "\n") && socket.answer() != nil
    }

    /// Starts the host again, without faults, and looks at what it makes of it.
    private func startAnew(_ bench: HostBench, _ acknowledged: [String], _ trial: inout Trial) async throws {
      let host = try await HostProcess.start(in: bench)
      let late = PatientProducer(path: bench.paths.eventSocket, prefix: "late").send(5)
      if late.count != 5 { trial.problems.append("a new host acknowledges \(late.count) of 5 events") }
      trial.problems += try await CrashFindings(bench).problems(acknowledged + late, kills: 1)
      if await host.end(SIGTERM) != .exited(0) { trial.problems.append("a new host does not end well") }
      let damage = try StoredLog(path: bench.paths.log).verify { _ in }.damage
      if let damage { trial.problems.append("the log is damaged: \(damage)") }
      let left = ListedProcess.named(with: bench.root)
      if !left.isEmpty { trial.problems.append("\(left.count) plugins outlived their hosts") }
    }
  }
#endif
