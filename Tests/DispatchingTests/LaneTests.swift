// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Testing

@testable import Dispatching

@Suite struct LaneTests {
  private static let now = Timestamp(seconds: 100)

  private func runs(_ ids: ClosedRange<Int64>) -> [RunID] { ids.map(RunID.init(rawValue:)) }

  private func reserve(_ count: Int, of rule: String = "r", in group: inout LaneGroup) -> [Bool] {
    var reserved: [Bool] = []
    for _ in 0..<count { reserved.append(group.reserve(rule, at: Self.now)) }
    return reserved
  }

  @Test func `a run begins at once only when nothing waits before it`() {
    var group = LaneGroup(listener: "l", credit: 2)
    group.expectWork(of: "r")
    #expect(reserve(1, in: &group) == [false], "the log may hold waiting runs")
    _ = group.refill("r", [], readTo: nil)
    #expect(reserve(3, in: &group) == [true, true, false])
    _ = group.add(RunID(rawValue: 3), of: "r")
    group.release()
    #expect(reserve(1, in: &group) == [false])
    #expect(reserve(1, of: "other", in: &group) == [true], "another rule does not wait for this one")
    group.release()
    let claimed = group.claim(at: Self.now)
    #expect(claimed.map(\.runs) == [runs(3...3)])
    group.release()
    #expect(reserve(1, in: &group) == [true])
  }

  @Test func `what a transaction reserved is free again when it is undone`() {
    var group = LaneGroup(listener: "l", credit: 2)
    #expect(reserve(1, in: &group) == [true])
    group.commit()
    #expect(reserve(2, in: &group) == [true, false])
    group.rollBack()
    #expect(reserve(2, in: &group) == [true, false])
  }

  @Test func `hands out in order, no more than its credit`() {
    var group = LaneGroup(listener: "l", credit: 3)
    for run in runs(1...5) { _ = group.add(run, of: "r") }
    let first = group.claim(at: Self.now)
    let none = group.claim(at: Self.now)
    group.release()
    let second = group.claim(at: Self.now)
    #expect([first, none, second].map { $0.flatMap(\.runs) } == [runs(1...3), [], runs(4...4)])
  }

  @Test func `a rule with many waiting runs does not hold up the others`() {
    var group = LaneGroup(listener: "l", credit: 4)
    for run in runs(1...100) { _ = group.add(run, of: "many") }
    _ = group.claim(at: Self.now)
    for run in runs(101...103) { _ = group.add(run, of: "few") }
    for _ in 0..<4 { group.release() }
    let claims = group.claim(at: Self.now)
    #expect(claims.map(\.lane.rule) == ["many", "few"])
    #expect(claims.map(\.runs) == [runs(5...6), runs(101...102)])
  }

  @Test func `what does not fit is found again in the log, each run once`() {
    let limit = Int64(Lane.windowLimit)
    var lane = Lane(cursor: nil)
    let all = runs(1...(3 * limit))
    for run in all { lane.add(run) }
    #expect(lane.waiting == Lane.windowLimit && lane.cursor == all[Lane.windowLimit - 1])
    var done: [RunID] = []
    while done.count < all.count {
      if let cursor = lane.beginRefill() {
        let page = Array(all.drop { $0 <= cursor }.prefix(700))
        lane.refill(page, readTo: page.last == all.last ? nil : page.last)
      }
      guard let claimed = lane.claim() else { break }
      lane.begun([claimed])
      done.append(claimed)
    }
    #expect(done == all)
    #expect(lane.isEmpty)
  }

  @Test func `a claimed run that the log still shows as waiting is not taken twice`() {
    var lane = Lane()
    lane.refill(runs(1...1), readTo: RunID(rawValue: 1))
    let first = lane.claim()
    lane.add(RunID(rawValue: 1))
    let second = lane.claim()
    lane.begun(runs(1...1))
    lane.add(RunID(rawValue: 1))
    let third = lane.claim()
    #expect(first == RunID(rawValue: 1) && second == nil)
    #expect(third == first, "the run waits again, for its next step")
  }

  @Test func `a page that does not fit whole is not skipped`() {
    var lane = Lane()
    let limit = Int64(Lane.windowLimit)
    lane.refill(runs(1...(limit + 50)), readTo: RunID(rawValue: limit + 500))
    #expect(lane.cursor == RunID(rawValue: limit))
  }

  @Test func `an earlier run that comes back while others are only in the log is noticed`() {
    var lane = Lane(cursor: RunID(rawValue: 10))
    lane.add(RunID(rawValue: 12))
    #expect(lane.waiting == 0)
    lane.add(RunID(rawValue: 4))
    lane.add(RunID(rawValue: 4))
    #expect(lane.waiting == 1)
  }

  @Test func `a run that came while the log was read is not forgotten`() {
    var lane = Lane()
    #expect(lane.beginRefill() == .start)
    lane.add(RunID(rawValue: 7))
    lane.refill(runs(3...4), readTo: nil)
    #expect(lane.waiting == 2 && lane.cursor == RunID(rawValue: 6))
    #expect(lane.beginRefill() == RunID(rawValue: 6))
    lane.refill(runs(7...7), readTo: nil)
    #expect(lane.waiting == 3 && lane.cursor == nil)
  }

  @Test func `no more attempts begin in some time than a rate allows, and what waits is told when it may`() {
    var group = LaneGroup(listener: "l", credit: 10)
    group.setRate(RateDefinition(count: 2, per: .seconds(10)))
    #expect(reserve(3, in: &group) == [true, true, false])
    for run in runs(1...5) { _ = group.add(run, of: "r") }
    func at(_ seconds: Int64) -> Timestamp { Self.now + .seconds(seconds) }
    #expect(group.nextStart(after: at(3)) == at(10))
    let claims = [3, 10, 12, 20].map { group.claim(at: at($0)).flatMap(\.runs) }
    #expect(claims == [[], runs(1...2), [], runs(3...4)])
    group.setRate(nil)
    #expect(group.nextStart(after: at(20)) == nil && group.hasWork(at: at(20)))
  }

  @Test func `a lane that may have one run may have another when that does not begin`() {
    var group = LaneGroup(listener: "l", credit: 4)
    for run in runs(1...3) { _ = group.add(run, of: "r") }
    group.allow(1, of: "r")
    let first = group.claim(at: Self.now).flatMap(\.runs)
    let none = group.claim(at: Self.now)
    group.putBack("r")
    let second = group.claim(at: Self.now).flatMap(\.runs)
    #expect(first == runs(1...1) && none.isEmpty && second == runs(2...2))
  }
}
