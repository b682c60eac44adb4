// SPDX-License-Identifier: Apache-2.0

import DurableLog
import Testing

@testable import Dispatching

@Suite struct LaneTests {
  private func runs(_ ids: ClosedRange<Int64>) -> [RunID] { ids.map(RunID.init(rawValue:)) }

  @Test func `a run begins at once only when nothing waits before it`() {
    var lane = Lane(credit: 2)
    #expect(!lane.isFree, "the log may hold waiting runs")
    lane.refill([], readTo: nil)
    #expect(lane.isFree)
    lane.reserve()
    lane.reserve()
    #expect(!lane.isFree)
    lane.add(RunID(rawValue: 3))
    lane.release()
    #expect(!lane.isFree)
    #expect(lane.claim() == runs(3...3))
    lane.release()
    #expect(lane.isFree)
  }

  @Test func `hands out in order, no more than its credit`() {
    var lane = Lane(credit: 3, cursor: nil)
    for run in runs(1...5) { lane.add(run) }
    #expect(lane.claim() == runs(1...3))
    #expect(lane.claim().isEmpty)
    lane.release()
    #expect(lane.claim() == runs(4...4))
  }

  @Test func `what does not fit is found again in the log, each run once`() {
    let limit = Int64(Lane.windowLimit)
    var lane = Lane(credit: 1, cursor: nil)
    let all = runs(1...(3 * limit))
    for run in all { lane.add(run) }
    #expect(lane.waiting == Lane.windowLimit && lane.cursor == all[Lane.windowLimit - 1])
    var done: [RunID] = []
    while done.count < all.count {
      if lane.wantsRefill, let cursor = lane.cursor {
        let page = Array(all.drop { $0 <= cursor }.prefix(700))
        lane.refill(page, readTo: page.last == all.last ? nil : page.last)
      }
      let claimed = lane.claim()
      lane.begun(claimed)
      done += claimed
      lane.release()
    }
    #expect(done == all)
    #expect(lane.isFree || lane.underWay < 1)
  }

  @Test func `a claimed run that the log still shows as waiting is not taken twice`() {
    var lane = Lane(credit: 1)
    lane.refill(runs(1...1), readTo: RunID(rawValue: 1))
    #expect(lane.claim() == runs(1...1))
    lane.add(RunID(rawValue: 1))
    lane.release()
    #expect(lane.claim().isEmpty)
    lane.begun(runs(1...1))
    lane.add(RunID(rawValue: 1))
    #expect(lane.claim() == runs(1...1), "the run waits again, for its next step")
  }

  @Test func `a page that does not fit whole is not skipped`() {
    var lane = Lane(credit: 1, cursor: .start)
    let limit = Int64(Lane.windowLimit)
    lane.refill(runs(1...(limit + 50)), readTo: RunID(rawValue: limit + 500))
    #expect(lane.cursor == RunID(rawValue: limit))
  }

  @Test func `an earlier run that comes back while others are only in the log is noticed`() {
    var lane = Lane(credit: 0, cursor: RunID(rawValue: 10))
    lane.add(RunID(rawValue: 12))
    #expect(lane.waiting == 0)
    lane.add(RunID(rawValue: 4))
    lane.add(RunID(rawValue: 4))
    #expect(lane.waiting == 1)
  }

  @Test func `a run that came while the log was read is not forgotten`() {
    var lane = Lane(credit: 1)
    #expect(lane.beginRefill() == .start)
    lane.add(RunID(rawValue: 7))
    lane.refill(runs(3...4), readTo: nil)
    #expect(lane.waiting == 2 && lane.cursor == RunID(rawValue: 6))
    #expect(lane.beginRefill() == RunID(rawValue: 6))
    lane.refill(runs(7...7), readTo: nil)
    #expect(lane.waiting == 3 && lane.cursor == nil)
  }
}
