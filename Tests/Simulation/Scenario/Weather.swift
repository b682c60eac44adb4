// SPDX-License-Identifier: Apache-2.0

/// How often what happens in a simulation; each seed has weather of its own, so that some things are rare in one and
/// common in another.
struct Weather {
  /// How readily each part goes on.
  let queue: Int
  let tasks: Int
  let writer: Int
  let listeners: Int
  let time: Int
  let arrivals: Int
  /// Once in how many steps these come; 0 for never.
  let crash: Int
  let pluginDeath: Int
  let full: Int
  /// Once in how many readings the disk cannot be read; 0 for never.
  let unreadable: Int
  let settingOfClock: Int
  let reload: Int
  /// Whether the rules change once only.
  let reloadsOnce: Bool
  let person: Int
  /// Whether older rules are not to be had once a host has ended.
  let losesRules: Bool
  /// Once in how many readings of log or clock a part is interrupted by another.
  let interruption: Int
  /// Of twelve outcomes of attempts, how many are no success.
  let failures: Int
  /// How many steps there are before it clears up.
  let steps: Int

  init(_ chance: Chance) {
    queue = chance.one(of: [1, 10, 40])
    tasks = chance.one(of: [1, 10, 40])
    writer = chance.one(of: [2, 10, 40])
    listeners = chance.one(of: [2, 5, 20])
    time = chance.one(of: [1, 1, 3])
    arrivals = chance.one(of: [1, 1, 2, 4])
    crash = chance.one(of: [0, 900, 300, 300, 100])
    pluginDeath = chance.one(of: [0, 200, 60])
    full = chance.one(of: [0, 0, 400, 150])
    unreadable = chance.one(of: [0, 0, 0, 200, 30])
    settingOfClock = chance.one(of: [0, 150])
    reload = chance.one(of: [0, 500, 200])
    reloadsOnce = chance.once(in: 2)
    person = chance.one(of: [0, 100, 20])
    losesRules = chance.once(in: 6)
    interruption = chance.one(of: [0, 4, 12])
    failures = chance.one(of: [1, 4, 4, 9])
    steps = chance.number(1000...1400)
  }
}
