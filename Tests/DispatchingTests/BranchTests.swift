// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import PluginWire
import Testing

/// Steps that have branches: what is done side by side, for each item of a list, and by another rule.
@Suite struct BranchTests {
  private static let rules = """
    rules:
      both:
        trigger: { type: both }
        actions:
          - { id: first, set: { x: 1 } }
          - id: fork
            parallel:
              - { id: left, uses: shop.pick, with: { x: "${{ vars.x }}" }, retry: { attempts: 1 } }
              - - { id: right, uses: shop.pick, retry: { attempts: 1 } }
                - { id: right2, uses: shop.pick, with: { of: "${{ steps.right.output }}" } }
          - id: last
            uses: shop.ship
            with: { left: "${{ steps.left.output }}", right: "${{ steps.right2.output }}" }
      any:
        trigger: { type: any }
        actions:
          - id: fork
            parallel:
              - { id: left, uses: shop.pick, retry: { attempts: 1 }, compensate: { uses: shop.pick, with: { undo: left } } }
              - - { id: right, uses: shop.pick, compensate: { uses: shop.pick, with: { undo: right } } }
                - { id: right2, uses: shop.pick }
            wait_for: any
          - { id: last, uses: shop.ship, with: { done: "${{ steps.fork.output.done }}" } }
      each:
        trigger: { type: each }
        actions:
          - id: mails
            for_each: [a, b, c]
            concurrency: 2
            actions:
              - { id: mail, uses: shop.pick, with: { to: "${{ item }}", at: "${{ index }}", run: "${{ run.id }}" } }
          - { id: last, uses: shop.ship, with: { all: "${{ steps.mails.output }}" } }
      caller:
        trigger: { type: caller }
        actions:
          - { id: bill, call: called, with: { n: "${{ event.data.k }}" } }
          - { id: last, uses: shop.ship, with: { bill: "${{ steps.bill.output }}" } }
      called:
        actions:
          - { id: one, uses: shop.pick, with: { n: "${{ input.n }}" }, compensate: { uses: shop.pick, with: { undo: one } } }
          - { id: two, set: { m: "${{ int(input.n) + 1 }}" } }
      nested:
        trigger: { type: nested }
        actions:
          - { id: zero, uses: shop.pick, compensate: { uses: shop.pick, with: { undo: zero } } }
          - id: outer
            parallel:
              - id: inner
                for_each: [a, b]
                concurrency: 2
                actions: { id: do, uses: shop.pick, compensate: { uses: shop.pick, with: { undo: "${{ item }}" } } }
              - { id: other, uses: shop.pick, retry: { attempts: 1 } }
          - { id: last, uses: shop.ship, retry: { attempts: 1 } }
      keyed:
        trigger: { type: keyed }
        mode: queued
        mode_by: event.data.k
        actions: { parallel: [ { uses: shop.pick, with: { key: "${{ run.key }}", run: "${{ run.id }}" } } ] }
      empty:
        trigger: { type: empty }
        actions:
          - { id: none, for_each: "${{ [] }}", actions: { uses: shop.pick } }
          - { id: few, for_each: [1], wait_for: 2, continue_on_error: true, actions: { uses: shop.pick } }
          - { id: wrong, condition: "steps.few.error == 'of 1 items 2 cannot succeed'", for_each: "${{ event.data.k }}", actions: { uses: shop.pick } }
    """

  private func bench(_ type: String) async throws -> HeldBench {
    let bench = try HeldBench(Self.rules)
    try await bench.append(type)
    return bench
  }

  private func end(_ bench: HeldBench, _ ticket: UInt64, _ output: String) {
    bench.end(ticket, .ack(output: Array(output.utf8), emit: []))
  }

  /// The next attempts, so many of them: the parameters by the tickets.
  private func asked(_ bench: HeldBench, _ count: Int) async -> [(ticket: UInt64, with: String)] {
    var found: [(ticket: UInt64, with: String)] = []
    while found.count < count {
      found += await bench.runner.next().map { ($0.ticket, String(decoding: $0.request.with, as: UTF8.self)) }
    }
    return found.sorted { $0.ticket < $1.ticket }
  }

  @Test func `branches go on side by side, and the run goes on when all have ended`() async throws {
    let bench = try await bench("both")
    let first = await asked(bench, 2)
    #expect(first.map(\.with) == [#"{"x":1}"#, "{}"] && first.map(\.ticket) == [2, 3])
    #expect(try bench.states() == [.waiting, .running, .running])
    end(bench, 3, #""r""#)
    #expect(await asked(bench, 1).map(\.with) == [#"{"of":"r"}"#])
    try await bench.settle(3, .ack(output: Array(#""r2""#.utf8), emit: []))
    #expect(try bench.run(1).state == .waiting)
    end(bench, 2, #""l""#)
    #expect(await asked(bench, 1).map(\.with) == [#"{"left":"l","right":"r2"}"#])
    bench.end(1)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.done, .done, .done])
  }

  @Test func `when a branch fails, the others are cancelled, and the run fails`() async throws {
    let bench = try await bench("both")
    _ = await asked(bench, 2)
    bench.end(3, .fail(message: "no"))
    #expect(await bench.runner.nextCancelled() == [2])
    bench.end(2, .fail(message: "ended"))
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.dead, .cancelled, .failed])
    #expect(try bench.run(1).failure == "branch 2 of 2: no")
    #expect(try bench.types() == ["both", "earshot.delivery.dead"])
  }

  @Test func `a run whose branches have failed is tried again with those that did not succeed`() async throws
  {
    let bench = try await bench("both")
    _ = await asked(bench, 2)
    try await bench.settle(2, .ack(output: Array(#""l""#.utf8), emit: []))
    bench.end(3, .fail(message: "no"))
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.dead, .done, .failed])
    #expect(try await bench.dispatcher.revive([bench.run(1)]) == [true])
    #expect(await asked(bench, 1).map(\.ticket) == [3])
    end(bench, 3, "7")
    _ = await asked(bench, 1)
    end(bench, 3, "8")
    #expect(await asked(bench, 1).map(\.with) == [#"{"left":"l","right":8}"#])
  }

  @Test func `one that suffices ends the others, which take back what they have done`() async throws {
    let bench = try await bench("any")
    _ = await asked(bench, 2)
    end(bench, 3, "1")
    _ = await asked(bench, 1)
    end(bench, 2, "1")
    #expect(await bench.runner.nextCancelled() == [3])
    bench.end(3, .fail(message: "ended"))
    let undo = await asked(bench, 1)
    #expect(undo.map(\.with) == [#"{"undo":"right"}"#] && undo.map(\.ticket) == [3])
    bench.end(3)
    #expect(await asked(bench, 1).map(\.with) == [#"{"done":[0]}"#])
    #expect(try bench.states() == [.running, .done, .compensated])
    bench.end(1, .fail(message: "no"))
    #expect(await asked(bench, 1).map(\.with) == [#"{"undo":"left"}"#])
    bench.end(2)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.compensated, .compensated, .compensated])
  }

  @Test func `the run goes on as long as enough branches can succeed`() async throws {
    let bench = try await bench("any")
    _ = await asked(bench, 2)
    try await bench.settle(2, .fail(message: "no"))
    #expect(try bench.states() == [.waiting, .failed, .running])
    end(bench, 3, "1")
    _ = await asked(bench, 1)
    end(bench, 3, "2")
    #expect(await asked(bench, 1).map(\.with) == [#"{"done":[1]}"#])
  }

  @Test func `something is done for each item, for so many at once`() async throws {
    let bench = try await bench("each")
    let first = await asked(bench, 2)
    #expect(first.map(\.with) == [#"{"to":"a","at":0,"run":"1"}"#, #"{"to":"b","at":1,"run":"1"}"#])
    #expect(try bench.states() == [.waiting, .running, .running, .queued])
    end(bench, 3, #""B""#)
    #expect(await asked(bench, 1).map(\.with) == [#"{"to":"c","at":2,"run":"1"}"#])
    end(bench, 4, #""C""#)
    end(bench, 2, #""A""#)
    #expect(await asked(bench, 1).map(\.with) == [#"{"all":[{"mail":"A"},{"mail":"B"},{"mail":"C"}]}"#])
  }

  @Test func `the steps for each item have keys of their own`() async throws {
    let bench = try await bench("each")
    var keys: [String] = []
    while keys.count < 2 { keys += await bench.runner.next().map(\.request.key) }
    bench.end(2)
    keys += await bench.runner.next().map(\.request.key)
    #expect(Set(keys).count == 3)
  }

  @Test func `what was taken back is done anew under another key`() async throws {
    let bench = try await bench("caller")
    let key = await bench.runner.next()[0].request.key
    bench.end(2)
    _ = await bench.begun(1)
    bench.end(1, .fail(message: "no"))
    _ = await bench.begun(1)
    bench.end(2)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.compensated, .compensated])
    #expect(try await bench.dispatcher.resume(bench.run(1), from: "bill"))
    let again = await bench.runner.next()[0]
    #expect(again.ticket == 3 && again.request.key != key)
    #expect(String(decoding: again.request.with, as: UTF8.self) == #"{"n":1}"#)
  }

  @Test func `another rule is called, and finds what it is given`() async throws {
    let bench = try await bench("caller")
    #expect(await asked(bench, 1).map(\.with) == [#"{"n":1}"#])
    #expect(try bench.run(2).rule == "called")
    end(bench, 2, #""o""#)
    #expect(await asked(bench, 1).map(\.with) == [#"{"bill":{"one":"o","two":{"m":2}}}"#])
    bench.end(1, .fail(message: "no"))
    let undo = await asked(bench, 1)
    #expect(undo.map(\.with) == [#"{"undo":"one"}"#] && undo.map(\.ticket) == [2])
    bench.end(2)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.compensated, .compensated])
    #expect(try bench.types() == ["caller", "earshot.run.compensated"])
  }

  @Test func `branches of branches take back what they have done before what came before them is`()
    async throws
  {
    let bench = try await bench("nested")
    _ = await asked(bench, 1)
    end(bench, 1, "0")
    let inner = await asked(bench, 3)
    for (ticket, _) in inner { end(bench, ticket, "1") }
    #expect(await asked(bench, 1).map(\.ticket) == [1])
    bench.end(1, .fail(message: "no"))
    let undone = await asked(bench, 2)
    #expect(Set(undone.map(\.with)) == [#"{"undo":"a"}"#, #"{"undo":"b"}"#])
    for (ticket, _) in undone { bench.end(ticket) }
    #expect(await asked(bench, 1).map(\.with) == [#"{"undo":"zero"}"#])
    bench.end(1)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.compensated, .compensated, .done, .compensated, .compensated])
    #expect(try bench.types().last == "earshot.run.compensated")
  }

  @Test func `a run that is cancelled while its branches go on takes back what they have done`() async throws
  {
    let bench = try await bench("nested")
    _ = await asked(bench, 1)
    end(bench, 1, "0")
    let inner = await asked(bench, 3)
    try await bench.settle(try #require(inner.last).ticket, .ack(output: Array("1".utf8), emit: []))
    #expect(try await bench.dispatcher.cancel([bench.run(1)]) == [true])
    let cancelled = await bench.runner.nextCancelled()
    #expect(cancelled.count == 2)
    // One of them was done before it heard of it.
    end(bench, cancelled[0], "1")
    bench.end(cancelled[1], .fail(message: "ended"))
    var undone: [String] = []
    for _ in 0..<2 {
      let next = await asked(bench, 1)
      undone += next.map(\.with)
      bench.end(next[0].ticket)
    }
    await bench.dispatcher.waitUntilIdle()
    #expect(undone.count == 2 && undone.last == #"{"undo":"zero"}"#)
    #expect(try bench.run(1).state == .compensated)
    #expect(try bench.states().allSatisfy { !$0.isOpen })
  }

  @Test func `what branches cannot take back keeps the run waiting until a person decides`() async throws {
    let bench = try await bench("caller")
    _ = await asked(bench, 1)
    end(bench, 2, #""o""#)
    _ = await asked(bench, 1)
    bench.end(1, .fail(message: "no"))
    _ = await asked(bench, 1)
    bench.end(2, .fail(message: "closed"))
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.waiting, .stuck])
    #expect(try bench.types() == ["caller", "earshot.run.stuck"])
    #expect(try await bench.dispatcher.revive([bench.run(2)]) == [true])
    _ = await asked(bench, 1)
    bench.end(2)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.compensated, .compensated])
  }

  @Test func `nothing is done for no item, and what is no list is an error`() async throws {
    let bench = try await bench("empty")
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.dead])
    #expect(try bench.run(1).failure == "what 'wrong' is to go through is not a list")
  }

  @Test func `steps know the key and the number of their run, in branches too`() async throws {
    let bench = try await bench("keyed")
    #expect(await asked(bench, 1).map(\.with) == [#"{"key":1,"run":"1"}"#])
  }

  @Test func `a run whose branches were under way goes on with them in a host that starts anew`() async throws
  {
    let bench = try await bench("each")
    _ = await asked(bench, 2)
    try await bench.settle(2, .ack(output: Array("1".utf8), emit: []))
    _ = await asked(bench, 1)
    let second = try HeldBench(Self.rules, after: bench)
    second.dispatcher.hold()
    try await second.dispatcher.recover()
    for (ticket, _) in await asked(second, 2) { end(second, ticket, "2") }
    #expect(await asked(second, 1).map(\.with) == [#"{"all":[{"mail":1},{"mail":2},{"mail":2}]}"#])
  }
}
