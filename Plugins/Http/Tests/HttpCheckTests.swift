// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerTestKit
import Testing

@testable import ListenerHttp

@Suite struct HttpCheckTests {
  private let kit = ListenerTest(Http.self)

  @Test(arguments: ["ftp://a/", "file:///etc/passwd", "unix:///x", "http://", "a.b", "", "http://u:p@a/"])
  func `requests nothing but http and https`(url: String) async throws {
    #expect(try await kit.run("request", ["url": .string(url)]).failure != nil)
  }

  @Test(arguments: [
    ["X-A": "a\r\nX-B: b"], ["X-A": "a\nb"], ["X-A": "a\0"], ["X A": "a"], ["": "a"], ["X:": "a"],
    ["Host": "other"], ["Content-Length": "0"], ["a": "1", "A": "2"],
  ])
  func `sends no header that would say more than one thing`(headers: [String: String]) async throws {
    let members = headers.map { JSONValue.Member($0.key, .string($0.value)) }
    let with: JSONValue = ["url": "http://127.0.0.1:1/", "headers": .object(members)]
    #expect(try await kit.run("request", with).failure != nil)
  }

  @Test func `refuses parameters that contradict each other or mean nothing`() async throws {
    let wrong: [JSONValue.Member] = [
      .init("method", "GE T"), .init("method", "CONNECT"), .init("timeout", "5"),
      .init("output_limit", 600_000),
      .init("retry_on", ["6xx"]), .init("fail_on", [4]),
    ]
    for member in wrong {
      let with = JSONValue.object([.init("url", "http://127.0.0.1:1/"), member])
      #expect(try await kit.run("request", with).failure != nil)
    }
    let both: JSONValue = ["url": "http://127.0.0.1:1/", "body": "a", "json": 1]
    #expect(try await kit.run("request", both).failure != nil)
  }

  @Test func `goes only to hosts that the settings allow, also when redirected`() async throws {
    let kit = ListenerTest(Http.self, settings: ["allow_hosts": ["127.0.0.1", "*.example.com"]])
    let server = try LocalServer(
      LocalServer.answer(200),
      LocalServer.answer(302, ["Location: http://localhost/"])
    )
    #expect(try await kit.run("request", ["url": .string(server.url)]).isDone)
    #expect(
      try await kit.run("request", ["url": .string(server.url)]).failure?.contains("allow_hosts") == true
    )
    #expect(try await kit.run("request", ["url": "http://evilexample.com/"]).failure != nil)
    let broken = ListenerTest(Http.self, settings: ["allow_hosts": "all"])
    #expect(try await broken.run("request", ["url": .string(server.url)]).failure != nil)
  }

  @Test func `lets the rule decide about statuses, a single one before a class`() throws {
    let policy = try StatusPolicy(retry: [404, "2XX"], fail: ["4xx", "204", "503"])
    let verdicts = [404, 410, 200, 204, 503, 500].map(policy.verdict)
    #expect(verdicts == [.retry, .fail, .retry, .fail, .fail, .retry])
    #expect(throws: ActionError.self) { try StatusPolicy(retry: [404], fail: ["404"]) }
  }

  @Test func `understands all spellings of a date to wait for`() {
    let now = Date(timeIntervalSince1970: 784_111_777 - 60)
    for text in [
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ] {
      #expect(RetryAfter.pause(text, now: now) == .seconds(60))
    }
    #expect(RetryAfter.pause("Sun, 06 Nov 1994 08:48:00 GMT", now: now) == .zero)
    #expect(RetryAfter.pause("99999999999999999999", now: now) == RetryAfter.maximum)
    #expect(RetryAfter.pause("soon", now: now) == nil && RetryAfter.pause("", now: now) == nil)
  }
}
