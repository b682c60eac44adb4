// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Rules
import Synchronization
import Timing

/// Windows as the host sees them.
extension Dispatcher {
  static let forgetLimit = 500

  /// What would become of open windows if these were the rules, instead of those in force.
  public func plan(for rules: RuleSet) throws -> WindowPlan {
    try plan(for: rules, instead: table.withLock { $0.rules })
  }

  /// What would become of open windows if these were the rules, instead of older ones; nil if these cannot be had.
  public func plan(for rules: RuleSet, instead old: RuleSet?) throws -> WindowPlan {
    WindowPlan(try surroundings.log.windowCounts(), from: old, to: rules)
  }

  /// Forgets the windows of older rules that are dropped, a part at a time, and sees when those are due that have new
  /// lengths.
  ///
  /// To be called when the new rules are in force. There is no way back then, so a disk that is full or cannot be read is
  /// waited for. What is to be done is found out only now, since the older rules may have opened windows after they were
  /// last planned for.
  public func settleWindows(of old: RuleSet?) async throws {
    let plan = try await planPatiently(instead: old)
    for line in plan.lines where line.fate == .migrated {
      try await grantPatiently(.review(owner: line.owner.name))
    }
    for line in plan.lines where line.fate == .dropped {
      let wish = WindowWish.forget(owner: line.owner.name, limit: Self.forgetLimit)
      while try await grantPatiently(wish) {}
    }
    passTime()
  }

  /// What becomes of the windows of older rules, read again and again until it can be.
  private func planPatiently(instead old: RuleSet?) async throws -> WindowPlan {
    while true {
      do {
        return try plan(for: table.withLock { $0.rules }, instead: old)
      } catch let failure as LogFailure where failure.mayPass {
        surroundings.report("\(failure); the windows of before are not looked at yet")
        try await surroundings.clock.sleep(for: .seconds(1))
      }
    }
  }

  /// Does what is wished with windows, again and again until there is room on the disk; false when there was none.
  @discardableResult
  func grantPatiently(_ wish: WindowWish) async throws -> Bool {
    while true {
      do {
        return try await surroundings.log.submit(LogChange(windows: [wish])).windows == [true]
      } catch let failure as LogFailure where !failure.isFatal {
        surroundings.report("\(failure); the windows of before are not looked at yet")
        try await surroundings.clock.sleep(for: .seconds(1))
      }
    }
  }

  /// When a window has to be closed if it hears nothing further, in steady time.
  ///
  /// The log itself only knows a time before which that need not be.
  public func deadline(of window: StoredWindow) -> Timestamp {
    let machine = table.withLock { $0.keepers[window.owner]?.machine }
    guard let machine, let held = WindowCoding.window(window.content) else { return window.due }
    return machine.deadline(of: held) ?? window.due
  }

  /// Whether a window can be made to fire.
  public func firesByTime(_ window: StoredWindow) -> Bool {
    table.withLock { $0.keepers[window.owner]?.machine.firesByTime } ?? false
  }
}
