// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Timing

/// What sequence, all, threshold and absent do, case by case; an event is written as its time and the places it fits.
@Suite struct JoinTests {
  private static func deeds(_ machine: any TimeOperator, _ events: [(Int, [Int])]) -> [String] {
    Runner.punctual(machine, events.map { Happening(time: $0.0, fits: $0.1) }).deeds.map(\.description)
  }

  private static let (a, b, c) = ([0], [1], [2])

  @Test func `sequence finds events one after another, whatever comes between`() {
    let machine = OrderedSequence(count: 3, within: .seconds(10))
    #expect(Self.deeds(machine, [(0, Self.a), (1, Self.b), (2, Self.c)]) == ["3[1, 2, 3]@2"])
    #expect(
      Self.deeds(machine, [(0, Self.b), (1, Self.a), (2, Self.c), (3, Self.b), (4, Self.c)]) == [
        "5[2, 4, 5]@4"
      ]
    )
    #expect(Self.deeds(machine, [(0, Self.c), (1, Self.b), (2, Self.a)]) == [])
  }

  @Test func `sequence takes the attempt that began last, so that none is missed`() {
    let machine = OrderedSequence(count: 2, within: .seconds(10))
    #expect(Self.deeds(machine, [(0, Self.a), (8, Self.a), (15, Self.b)]) == ["3[2, 3]@15"])
    let three = OrderedSequence(count: 3, within: .seconds(10))
    let events = [(0, Self.a), (5, Self.b), (8, Self.a), (9, Self.b), (12, Self.c)]
    #expect(Self.deeds(three, events) == ["5[3, 4, 5]@12"])
  }

  @Test func `sequence does not count what comes when its time is just over`() {
    let machine = OrderedSequence(count: 2, within: .seconds(10))
    #expect(Self.deeds(machine, [(0, Self.a), (10, Self.b)]) == [])
    #expect(Self.deeds(machine, [(0, Self.a), (9, Self.b)]) == ["2[1, 2]@9"])
    #expect(Self.deeds(machine, [(0, Self.a), (0, Self.b)]) == ["2[1, 2]@0"])
  }

  @Test func `an event that fits several kinds takes one place in a sequence, and what fires is consumed`() {
    let machine = OrderedSequence(count: 3, within: .seconds(10))
    let any = [0, 1, 2]
    #expect(Self.deeds(machine, (0..<7).map { ($0, any) }) == ["3[1, 2, 3]@2", "6[4, 5, 6]@5"])
  }

  @Test func `all finds events in any order, and takes the newest of each kind`() {
    let machine = AllOf(count: 2, within: .seconds(10))
    #expect(Self.deeds(machine, [(0, Self.b), (5, Self.a)]) == ["2[1, 2]@5"])
    #expect(Self.deeds(machine, [(0, Self.a), (8, Self.a), (15, Self.b)]) == ["3[2, 3]@15"])
    #expect(Self.deeds(machine, [(0, Self.a), (10, Self.b)]) == [])
    #expect(
      Self.deeds(machine, [(0, Self.a), (1, Self.b), (2, Self.b), (3, Self.a)]) == ["2[1, 2]@1", "4[3, 4]@3"]
    )
  }

  @Test func `an event takes one place among all, the first that is free`() {
    let machine = AllOf(count: 2, within: .seconds(10))
    #expect(Self.deeds(machine, [(0, [0, 1]), (1, [0, 1])]) == ["2[1, 2]@1"])
    #expect(Self.deeds(machine, [(0, [0, 1]), (1, [0]), (2, [1])]) == ["3[2, 3]@2"])
  }

  @Test func `threshold counts within its time, and begins anew`() {
    let machine = Threshold(count: 3, within: .seconds(10))
    func deeds(_ times: [Int]) -> [String] { Self.deeds(machine, times.map { ($0, Self.a) }) }
    #expect(deeds([0, 5, 9]) == ["3[1, 2, 3]@9"])
    #expect(deeds([0, 5, 10, 11]) == ["4[2, 3, 4]@11"])
    #expect(deeds([0, 0, 0, 0, 0]) == ["3[1, 2, 3]@0"])
    #expect(Self.deeds(Threshold(count: 1, within: .seconds(1)), [(0, Self.a)]) == ["1[1]@0"])
  }

  @Test func `absent reacts when what is expected has not come in time`() {
    let machine = Absence(within: .seconds(10))
    #expect(Self.deeds(machine, [(0, Self.a)]) == ["1[1]@10"])
    #expect(Self.deeds(machine, [(0, Self.a), (9, Self.b)]) == [])
    #expect(Self.deeds(machine, [(0, Self.a), (10, Self.b)]) == ["1[1]@10"])
    #expect(Self.deeds(machine, [(0, Self.a), (5, Self.a), (12, Self.b)]) == ["1[1]@10"])
    #expect(Self.deeds(machine, [(0, Self.b), (1, Self.a)]) == ["2[2]@11"])
  }

  @Test func `a heartbeat both ends a wait and begins the next`() {
    let beats = [0, 5, 14, 30, 35].map { ($0, [0, 1]) }
    #expect(Self.deeds(Absence(within: .seconds(10)), beats) == ["3[3]@24", "5[5]@45"])
  }

  @Test func `tells which events nothing will come of`() {
    let machine = OrderedSequence(count: 2, within: .seconds(10))
    let events = [
      Happening(time: 0, fits: Self.a), Happening(time: 1, fits: Self.a), Happening(time: 2, fits: Self.b),
    ]
    #expect(Runner.punctual(machine, events).lost == [1])
    #expect(Runner.punctual(machine, Array(events.prefix(2))).lost == [1, 2])
    let debounce = Debounce(quiet: .seconds(5))
    #expect(Runner.punctual(debounce, (0..<4).map { Happening(time: $0) }).lost == [2, 3, 1])
  }
}
