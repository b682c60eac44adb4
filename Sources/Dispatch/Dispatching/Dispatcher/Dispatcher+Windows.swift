// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Rules
import Synchronization
import Timing

/// Windows as the host sees them.
extension Dispatcher {
  private static let forgetLimit = 500

  /// What would become of open windows if these were the rules; `isFirst` when none were in force before.
  public func plan(for rules: RuleSet, isFirst: Bool) throws -> WindowPlan {
    let old = isFirst ? nil : table.withLock { $0.rules }
    return WindowPlan(try surroundings.log.windowCounts(), from: old, to: rules)
  }

  /// Forgets the windows that are dropped, a part at a time; to be called when the new rules are in force.
  public func carryOut(_ plan: WindowPlan) async throws {
    for line in plan.lines where line.fate == .dropped {
      let wish = WindowWish.forget(owner: line.owner.name, limit: Self.forgetLimit)
      while try await surroundings.log.submit(LogChange(windows: [wish])).windows == [true] {}
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
