// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Timing

/// What debounce, throttle, collect and dedupe do, case by case.
@Suite struct SpanTests {
  private static func deeds(_ machine: any TimeOperator, at times: [Int]) -> [String] {
    Runner.punctual(machine, times.map { Happening(time: $0) }).deeds.map(\.description)
  }

  @Test(
    arguments: [
      ([0], ["1[1]@2"]),
      ([0, 1, 2], ["3[3]@4"]),
      ([0, 2], ["1[1]@2", "2[2]@4"]),
      ([0, 0, 0], ["3[3]@2"]),
      ([0, 1, 2, 3, 4, 5, 6], ["5[5]@5", "7[7]@8"]),
      ([], []),
    ] as [([Int], [String])]
  )
  func `debounce reacts to the last event once it has been quiet`(times: [Int], deeds: [String]) {
    #expect(Self.deeds(Debounce(quiet: .seconds(2), longest: .seconds(5)), at: times) == deeds)
  }

  @Test func `debounce reacts to the first event, or to all, if asked so`() {
    let times = [0, 1, 2, 10]
    #expect(Self.deeds(Debounce(quiet: .seconds(2), delivery: .first), at: times) == ["1[1]@4", "4[4]@12"])
    #expect(
      Self.deeds(Debounce(quiet: .seconds(2), delivery: .all), at: times) == ["3[1, 2, 3]@4", "4[4]@12"]
    )
  }

  @Test func `debounce of all events fires when it holds as many as it may`() {
    let full = Array(repeating: 0, count: Debounce.mostEvents)
    let runner = Runner.punctual(
      Debounce(quiet: .seconds(2), delivery: .all),
      (full + [0]).map { Happening(time: $0) }
    )
    #expect(runner.deeds.map(\.time) == [0, 2] && runner.deeds.map(\.events.count) == [full.count, 1])
  }

  @Test(
    arguments: [
      ([0, 0, 0], ["1[1]@0", "2[2]@0"], [3]),
      ([0, 9, 10, 10], ["1[1]@0", "2[2]@9", "3[3]@10"], [4]),
      ([0, 5, 12, 14, 15], ["1[1]@0", "2[2]@5", "3[3]@12", "5[5]@15"], [4]),
    ] as [([Int], [String], [Int64])]
  )
  func `throttle drops what is too much in any span`(times: [Int], deeds: [String], dropped: [Int64]) {
    let runner = Runner.punctual(Throttle(limit: 2, per: .seconds(10)), times.map { Happening(time: $0) })
    #expect(runner.deeds.map(\.description) == deeds)
    #expect(runner.dropped == dropped && runner.isEmpty)
  }

  @Test func `throttle delays what is too much until there is room, in order`() {
    let machine = Throttle(limit: 2, per: .seconds(10), excess: .delay)
    let runner = Runner.punctual(machine, [0, 1, 2, 3, 4, 30].map { Happening(time: $0) })
    #expect(runner.deeds.map(\.description) == ["1[1]@0", "2[2]@1", "6[6]@30"])
    #expect(runner.delayed == [3: 10, 4: 11, 5: 20])
  }

  @Test func `what is delayed keeps the event that stands for it, and the others`() {
    let firing = Firing(.init(rawValue: 3), of: [.init(rawValue: 3), .init(rawValue: 8)])
    var window = Delay.window(firing, until: .init(seconds: 9))
    #expect(Delay().deadline(of: window) == .init(seconds: 9))
    #expect(Delay().close(at: .init(seconds: 9), &window) == firing && window.isEmpty)
  }

  @Test(
    arguments: [
      ([0, 1], ["2[1, 2]@5"]),
      ([0, 1, 2], ["3[1, 2, 3]@2"]),
      ([0, 4, 5], ["2[1, 2]@5", "3[3]@10"]),
      ([0, 0, 0, 0], ["3[1, 2, 3]@0", "4[4]@5"]),
    ] as [([Int], [String])]
  )
  func `collect reacts to so many events, or to what came in time`(times: [Int], deeds: [String]) {
    #expect(Self.deeds(Collect(most: 3, within: .seconds(5)), at: times) == deeds)
  }

  @Test func `dedupe lets one of equal events pass, and the next one when its time is over`() {
    let runner = Runner.punctual(
      Dedupe(within: .seconds(5)),
      [0, 0, 4, 5, 9, 20].map { Happening(time: $0) }
    )
    #expect(runner.deeds.map(\.event) == [1, 4, 6])
    #expect(runner.dropped == [2, 3, 5] && runner.isEmpty)
  }
}
