// SPDX-License-Identifier: Apache-2.0

import EventModel
import Timing

/// An event of a test: when it comes, in seconds, and what it fits.
struct Happening: Hashable {
  var time: Int
  var fits: [Int] = [0]
}

/// What an operator did: when, in seconds, and for which events, counted from 1.
struct Deed: Hashable, CustomStringConvertible {
  var time: Int
  var event: Int64
  var events: [Int64]
  var description: String { "\(event)\(events)@\(time)" }
}

/// Runs an operator over one key's events.
struct Runner {
  private let machine: any TimeOperator
  private var window: [Sighting] = []
  private var position: Int64 = 0
  private(set) var deeds: [Deed] = []
  private(set) var dropped: [Int64] = []
  private(set) var delayed: [Int64: Int] = [:]
  private(set) var lost: [Int64] = []

  init(_ machine: any TimeOperator) { self.machine = machine }

  /// Every deadline is noticed when it comes, up to a time after the last event.
  static func punctual(_ machine: any TimeOperator, _ events: [Happening], until end: Int = 1_000_000)
    -> Runner
  {
    var runner = Runner(machine)
    for event in events {
      runner.closeInTime(upTo: event.time)
      runner.hear(event)
    }
    runner.closeInTime(upTo: end)
    return runner
  }

  /// No deadline is noticed before the next event, or before the end.
  static func late(_ machine: any TimeOperator, _ events: [Happening]) -> Runner {
    var runner = Runner(machine)
    for event in events { runner.hear(event) }
    runner.apply(runner.machine.change(runner.window, at: instant(1_000_000)), at: 1_000_000)
    return runner
  }

  var isEmpty: Bool { window.isEmpty }

  mutating func hear(_ event: Happening) {
    position += 1
    // Whatever is stored must come back as it was.
    window = WindowCoding.window(WindowCoding.bytes(window)) ?? []
    let hearing = (position: LogPosition(rawValue: position), fits: event.fits)
    apply(machine.change(window, at: Self.instant(event.time), hearing: hearing), at: event.time)
  }

  private mutating func closeInTime(upTo end: Int) {
    while let deadline = machine.deadline(of: window), deadline <= Self.instant(end) {
      apply(machine.change(window, at: deadline), at: Int(deadline.seconds))
    }
  }

  private mutating func apply(_ change: WindowChange, at time: Int) {
    window = change.window
    deeds += change.firings.map { firing in
      Deed(time: time, event: firing.event.rawValue, events: firing.events.map(\.rawValue))
    }
    lost += change.lost.map(\.rawValue)
    switch change.fate {
    case .dropped: dropped.append(position)
    case .delayed(let until): delayed[position] = Int(until.seconds)
    case .held, .fires, nil: break
    }
  }

  private static func instant(_ seconds: Int) -> Timestamp { Timestamp(seconds: Int64(seconds)) }
}
