// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Timing

/// Every operator against its definition, which looks at all events of a stream at once, on random streams.
///
/// `EARSHOT_ROUNDS` says on how many; the seeds are the numbers from 1 on.
@Suite struct ModelTests {
  private static let isFull = ProcessInfo.processInfo.environment["EARSHOT_ROUNDS"] != nil
  private static let rounds =
    ProcessInfo.processInfo.environment["EARSHOT_ROUNDS"].flatMap { UInt64($0) } ?? 500

  /// Events at random times, often at once and often at the very end of a span.
  private static func stream(_ seed: UInt64, kinds: Int, several: Bool = false) -> [Happening] {
    var random = SeededRandom(seed: seed)
    var time = 0
    return (0..<Int.random(in: 0...24, using: &random)).map { _ in
      time += [0, 0, 1, 1, 2, 3, 5, 10, 11].randomElement(using: &random) ?? 0
      let fits = (0..<kinds).filter { _ in Int.random(in: 0...2, using: &random) == 0 }
      return Happening(
        time: time,
        fits: several && !fits.isEmpty ? fits : [Int.random(in: 0..<kinds, using: &random)]
      )
    }
  }

  private static func check(
    _ machine: any TimeOperator,
    kinds: Int = 1,
    several: Bool = false,
    _ model: ([Happening]) -> [Deed]
  ) {
    for seed in 1...rounds {
      let events = stream(seed, kinds: kinds, several: several)
      let expected = model(events)
      let punctual = Runner.punctual(machine, events)
      let late = Runner.late(machine, events)
      guard punctual.deeds == expected, late.deeds.map(\.events) == expected.map(\.events), punctual.isEmpty
      else {
        Issue.record(
          "seed \(seed): \(events) gave \(punctual.deeds), and late \(late.deeds), not \(expected)"
        )
        return
      }
    }
    if isFull { print("rounds \(rounds) of \(type(of: machine))") }
  }

  /// A reaction of events counted from 0.
  private static func deed(_ time: Int, _ event: Int, _ events: [Int]) -> Deed {
    Deed(time: time, event: Int64(event + 1), events: events.map { Int64($0 + 1) })
  }

  /// Cuts a stream into groups; `isOver` says whether a group is closed before the next event.
  private static func groups(_ events: [Happening], _ end: ([Happening]) -> Int) -> [(
    end: Int, members: [Int]
  )] {
    var groups: [(end: Int, members: [Int])] = []
    for index in events.indices {
      if let last = groups.last, events[index].time < last.end {
        groups[groups.count - 1].members.append(index)
      } else {
        groups.append((0, [index]))
      }
      groups[groups.count - 1].end = end(groups[groups.count - 1].members.map { events[$0] })
    }
    return groups
  }

  @Test(arguments: Debounce.Delivery.allCases)
  func `debounce`(delivery: Debounce.Delivery) {
    Self.check(Debounce(quiet: .seconds(3), longest: .seconds(10), delivery: delivery)) { events in
      Self.groups(events) { group in min(group[group.count - 1].time + 3, group[0].time + 10) }.map { group in
        let (first, last) = (group.members[0], group.members[group.members.count - 1])
        switch delivery {
        case .first: return Self.deed(group.end, first, [first])
        case .last: return Self.deed(group.end, last, [last])
        case .all: return Self.deed(group.end, last, group.members)
        }
      }
    }
  }

  @Test func `collect`() {
    Self.check(Collect(most: 4, within: .seconds(10))) { events in
      let spans = Self.groups(events) { group in group.count == 4 ? group[3].time : group[0].time + 10 }
      return spans.map { Self.deed($0.end, $0.members[$0.members.count - 1], $0.members) }
    }
  }

  @Test func `throttle and dedupe let pass what no earlier event forbids`() {
    for limit in 1...3 {
      Self.check(Throttle(limit: limit, per: .seconds(10))) { events in
        var passed: [Int] = []
        for index in events.indices {
          let recent = passed.count { events[index].time < events[$0].time + 10 }
          if recent < limit { passed.append(index) }
        }
        return passed.map { Self.deed(events[$0].time, $0, [$0]) }
      }
    }
    Self.check(Dedupe(within: .seconds(10))) { events in
      var passed: [Int] = []
      for index in events.indices where !passed.contains(where: { events[index].time < events[$0].time + 10 })
      {
        passed.append(index)
      }
      return passed.map { Self.deed(events[$0].time, $0, [$0]) }
    }
  }

  @Test func `what throttle delays never comes too close together, and never later than it must`() {
    for seed in 1...Self.rounds {
      let events = Self.stream(seed, kinds: 1)
      let runner = Runner.punctual(Throttle(limit: 2, per: .seconds(10), excess: .delay), events)
      var turns: [Int] = []
      for (index, event) in events.enumerated() {
        let earliest = turns.count < 2 ? event.time : max(event.time, turns[turns.count - 2] + 10)
        turns.append(earliest)
        #expect(runner.delayed[Int64(index + 1)] ?? event.time == earliest, "seed \(seed)")
      }
    }
  }

  @Test func `threshold`() {
    Self.check(Threshold(count: 3, within: .seconds(10))) { events in
      var deeds: [Deed] = []
      var begin = 0
      for index in events.indices {
        let counted = (begin...index).filter { events[index].time < events[$0].time + 10 }
        guard counted.count >= 3 else { continue }
        deeds.append(Self.deed(events[index].time, index, counted))
        begin = index + 1
      }
      return deeds
    }
  }

  @Test func `sequence`() {
    for several in [false, true] {
      Self.check(OrderedSequence(count: 3, within: .seconds(10)), kinds: 3, several: several) { events in
        var deeds: [Deed] = []
        var begin = 0
        for last in events.indices where events[last].fits.contains(2) {
          // Of all that end here, the one that began last; of these, the one that goes on first.
          var best: [Int]?
          for first in begin..<last where events[first].fits.contains(0) {
            guard events[last].time < events[first].time + 10, first + 1 < last else { continue }
            let second = (first + 1..<last).first { events[$0].fits.contains(1) }
            if let second { best = [first, second, last] }
          }
          guard let best else { continue }
          deeds.append(Self.deed(events[last].time, last, best))
          begin = last + 1
        }
        return deeds
      }
    }
  }

  @Test func `all`() {
    Self.check(AllOf(count: 3, within: .seconds(10)), kinds: 3) { events in
      var deeds: [Deed] = []
      var begin = 0
      for index in events.indices {
        let newest = (0..<3).compactMap { kind in
          (begin...index).last { events[$0].fits == [kind] && events[index].time < events[$0].time + 10 }
        }
        guard newest.count == 3 else { continue }
        deeds.append(Self.deed(events[index].time, index, newest.sorted()))
        begin = index + 1
      }
      return deeds
    }
  }

  @Test func `absent`() {
    for several in [false, true] {
      Self.check(Absence(within: .seconds(10)), kinds: 2, several: several) { events in
        var deeds: [Deed] = []
        var free = 0
        for begin in events.indices where begin >= free && events[begin].fits.contains(Absence.after) {
          let end = events[begin].time + 10
          let later = events.indices.dropFirst(begin + 1)
          let answer = later.first { events[$0].fits.contains(Absence.expected) && events[$0].time < end }
          if answer == nil { deeds.append(Self.deed(end, begin, [begin])) }
          free = answer ?? later.first { events[$0].time >= end } ?? events.count
        }
        return deeds
      }
    }
  }

  @Test func `stored windows come back as they were, and other bytes are refused`() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<500 {
      let window = (0..<Int.random(in: 0...20, using: &random)).map { _ in
        Sighting(
          LogPosition(rawValue: Int64.random(in: 0...Int64.max / 2, using: &random)),
          at: Timestamp(microseconds: Int64.random(in: -1 << 60...1 << 60, using: &random)),
          place: Int.random(in: 0...300, using: &random)
        )
      }
      #expect(WindowCoding.window(WindowCoding.bytes(window)) == window)
    }
    #expect(WindowCoding.window([]) == nil && WindowCoding.window([9]) == nil)
    #expect(WindowCoding.window([1, 0x80]) == nil && WindowCoding.window([1, 2, 2]) == nil)
  }
}
