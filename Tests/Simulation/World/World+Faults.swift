// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import Rules

/// What goes wrong, and what people do.
extension World {
  /// Each of them now and then.
  func disturb() throws {
    if host.hasFailed || chance.once(in: weather.crash) { return try crash() }
    if chance.once(in: weather.pluginDeath) { endPlugin() }
    // A full disk does not stay so for long.
    if host.log.isFull ? chance.once(in: 30) : chance.once(in: weather.full) {
      host.log.isFull.toggle()
      trace.note("disk", host.log.isFull ? 1 : 0)
    }
    if chance.once(in: weather.settingOfClock) {
      let seconds = chance.number(-3600...3600)
      trace.note("clock set", Int64(seconds))
      clock.set(by: .seconds(seconds))
    }
    let mayReload = !weather.reloadsOnce || host.rules.revision == scenario.revisions[0].revision
    if chance.once(in: weather.reload), host.isReady, !host.isReloading, mayReload {
      revision = weather.reloadsOnce ? 1 : 1 - revision
      trace.note("reload", Int64(revision))
      host.reload(scenario.revisions[revision])
    }
    if chance.once(in: weather.person), host.isReady { try meddle() }
  }

  /// A plugin ends with all that it was about.
  private func endPlugin() {
    let lost = host.listeners.end(of: chance.one(of: ["shop", "depot"]))
    trace.note("plugin", Int64(lost.count))
    guard !lost.isEmpty else { return }
    for attempt in lost { checks.end(attempt, .unknown) }
    host.dispatcher.lost(lost.map { ($0.ticket, "the plugin ended") })
  }

  /// A person does something with a run or a window.
  private func meddle() throws {
    let disk = host.log.disk
    let dispatcher = host.dispatcher
    let states: Set<RunState> = [.dead, .uncertain, .stuck, .waiting, .running, .pending, .queued, .behind]
    let runs = try disk.runs(after: .start, states: states, limit: .max)
    let windows = try disk.windows(of: nil, limit: .max).filter { !$0.owner.hasSuffix("/start") }
    if !windows.isEmpty, chance.once(in: 4) {
      let id = chance.one(of: windows).id
      let wish = chance.one(of: [WindowWish.fire(id), .cancel(id), .extend(id, by: .seconds(30))])
      trace.note("wish", id)
      return host.perform { _ = try? await dispatcher.grant([wish]) }
    }
    guard !runs.isEmpty else { return }
    let run = chance.one(of: runs)
    trace.note("wish for run", run.id.rawValue, Int64(run.state.rawValue))
    let later = host.log.clock.now() + .seconds(chance.number(0...60))
    switch run.state {
    case .dead, .uncertain, .stuck: host.perform(decision(on: run))
    case .waiting where chance.once(in: 2): host.perform { _ = try? await dispatcher.wake([run]) }
    case .waiting where chance.once(in: 2):
      host.perform { _ = try? await dispatcher.postpone([(run, later)]) }
    default: host.perform { _ = try? await dispatcher.cancel([run]) }
    }
  }

  private func decision(on run: Run) -> @Sendable () async -> Void {
    let dispatcher = host.dispatcher
    switch chance.below(3) {
    case 0: return { _ = try? await dispatcher.drop([run]) }
    case 1 where run.state == .uncertain: return { _ = try? await dispatcher.confirm([run]) }
    default: return { _ = try? await dispatcher.revive([run]) }
    }
  }
}
