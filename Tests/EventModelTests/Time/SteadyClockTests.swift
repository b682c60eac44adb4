// SPDX-License-Identifier: Apache-2.0

import EventModel
import Synchronization
import Testing

@Suite struct SteadyClockTests {
  @Test func `goes on evenly while civil time is set`() {
    let base = VirtualClock()
    let steady = SteadyClock(base)
    let start = steady.now()
    #expect(start == base.now())
    base.set(by: .seconds(-3600))
    #expect(steady.now() == start)
    base.advance(by: .seconds(5))
    base.set(by: .seconds(86_400))
    #expect(steady.now() == start + .seconds(5))
    #expect(steady.reading().difference == .seconds(86_400 - 3600))
  }

  @Test func `counts the time between two hosts, and nothing if civil time was set back meanwhile`() {
    let base = VirtualClock()
    let first = SteadyClock(base)
    base.set(by: .seconds(500))
    let last = first.reading()
    base.advance(by: .seconds(60))
    #expect(SteadyClock(base, after: last).now() == last.steady + .seconds(60))
    base.set(by: .seconds(-3600))
    #expect(SteadyClock(base, after: last).now() == last.steady)
  }

  @Test func `an alarm of steady time rings when so much time has passed, whatever the clock is set to`()
    async
  {
    let base = VirtualClock()
    let steady = SteadyClock(base)
    let rung = Mutex<[Timestamp]>([])
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    let alarm = Alarm(clock: steady) {
      rung.withLock { $0.append(steady.now()) }
      continuation.yield()
    }
    let due = steady.now() + .seconds(10)
    alarm.set(due)
    await base.waitForSleeper()
    base.set(by: .seconds(-100_000))
    base.advance(by: .seconds(9))
    #expect(rung.withLock { $0 } == [])
    base.advance(by: .seconds(2))
    for await _ in stream { break }
    #expect(rung.withLock { $0 } == [due + .seconds(1)])
  }

  @Test func `the system's clock waits for uptime`() async throws {
    let clock = SystemClock()
    let start = clock.uptime()
    try await clock.sleep(for: .milliseconds(20))
    #expect(clock.uptime() - start >= .milliseconds(20))
    let steady = SteadyClock(clock)
    let due = steady.now() + .milliseconds(20)
    try await steady.sleep(until: due)
    #expect(steady.now() >= due)
  }
}
