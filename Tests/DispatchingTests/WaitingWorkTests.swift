// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Testing

@testable import Dispatching

@Suite struct WaitingWorkTests {
  private func work(_ id: Int64, bytes: Int) -> RunWork {
    let run = Run(
      id: RunID(rawValue: id),
      position: LogPosition(rawValue: id),
      names: RunNames(rule: "r", revision: "1", listener: "shop"),
      state: .pending,
      updated: Timestamp(seconds: 0)
    )
    return RunWork(run: run, event: [UInt8](repeating: 0x20, count: bytes))
  }

  @Test func `gives back what was kept, once`() {
    var waiting = WaitingWork()
    waiting.keep(work(1, bytes: 10))
    #expect(waiting.take(RunID(rawValue: 2)) == nil)
    #expect(waiting.take(RunID(rawValue: 1)) == work(1, bytes: 10))
    #expect(waiting.take(RunID(rawValue: 1)) == nil && waiting.bytes == 0)
  }

  @Test func `keeps no more than its bound, and has room again for what is taken`() {
    var waiting = WaitingWork()
    let size = WaitingWork.byteLimit / 4
    for id in 1...10 { waiting.keep(work(Int64(id), bytes: size)) }
    #expect(waiting.bytes <= WaitingWork.byteLimit)
    #expect(waiting.take(RunID(rawValue: 3)) != nil && waiting.take(RunID(rawValue: 4)) == nil)
    waiting.keep(work(11, bytes: size))
    #expect(waiting.take(RunID(rawValue: 11)) != nil)
  }

  @Test func `keeps runs whose numbers are far apart, unless their places are the same in the largest table`()
  {
    var waiting = WaitingWork()
    let ids: [Int64] = [1, 257, 513, 16_385, 1 + Int64(WaitingWork.placeLimit), 2]
    for id in ids { waiting.keep(work(id, bytes: 1)) }
    #expect(ids.filter { waiting.take(RunID(rawValue: $0)) != nil } == [1, 257, 513, 16_385, 2])
    #expect(waiting.bytes == 0)
  }

  @Test func `a run that is kept anew takes the place of the older one`() {
    var waiting = WaitingWork()
    waiting.keep(work(1, bytes: 10))
    waiting.keep(work(1, bytes: 20))
    #expect(waiting.take(RunID(rawValue: 1)) == work(1, bytes: 20) && waiting.bytes == 0)
  }
}
