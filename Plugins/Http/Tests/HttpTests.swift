// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerTestKit
import Testing

@testable import ListenerHttp

@Suite struct HttpTests {
  private let kit = ListenerTest(Http.self)

  @Test func `is a listener like every other`() async {
    #expect(await ListenerConformance.problems(of: Http.self) == [])
    #expect(Http.name == "http")
  }

  @Test func `gives status, header and text of an answer`() async throws {
    let server = try LocalServer(LocalServer.answer(200, ["X-A: 1", "X-A: 2", "Set-Cookie: s"], "hello"))
    let reply = try await kit.run("request", ["url": .string(server.url + "/a?b=c")], key: "k7")
    #expect(reply.output?["status"] == 200 && reply.output?["body"] == "hello")
    #expect(reply.output?["headers"]?["x-a"] == "1, 2" && reply.output?["headers"]?["set-cookie"] == nil)
    let request = try #require(server.requests.first).lowercased()
    #expect(request.hasPrefix("get /a?b=c http/1.1\r\n") && request.contains("idempotency-key: k7\r\n"))
  }

  @Test func `posts JSON and reads JSON`() async throws {
    let server = try LocalServer(LocalServer.answer(201, ["Content-Type: application/json"], #"{"id":7}"#))
    let with: JSONValue = [
      "url": .string(server.url), "json": ["a": [1]], "headers": ["idempotency-key": "mine"],
    ]
    let reply = try await kit.run("request", with)
    #expect(reply.output?["json"] == ["id": 7] && reply.output?["body"] == nil)
    let request = try #require(server.requests.first)
    #expect(request.hasPrefix("POST / HTTP/1.1\r\n") && request.hasSuffix("\r\n\r\n{\"a\":[1]}"))
    #expect(request.lowercased().contains("content-type: application/json\r\n"))
    #expect(request.contains("mine\r\n") && !request.contains(": key\r\n"))
  }

  @Test func `takes some statuses for passing and others for final`() async throws {
    for status in [408, 425, 429, 500, 503, 599] {
      let server = try LocalServer(LocalServer.answer(status))
      #expect(try await kit.run("request", ["url": .string(server.url)]).retry != nil)
    }
    for status in [304, 400, 404, 410] {
      let server = try LocalServer(LocalServer.answer(status))
      #expect(try await kit.run("request", ["url": .string(server.url)]).failure != nil)
    }
  }

  @Test func `leaves the server alone for as long as it asks`() async throws {
    let server = try LocalServer(LocalServer.answer(429, ["Retry-After: 7"], "slow down"))
    let reply = try await kit.run("request", ["url": .string(server.url + "/x?secret=1")])
    #expect(reply.retryAfter == .seconds(7))
    #expect(reply.retry == "GET \(server.url)/x was answered with 429: slow down")
  }

  @Test func `keeps the beginning of a long answer`() async throws {
    let server = try LocalServer(LocalServer.answer(200, [], String(repeating: "x", count: 100_000)))
    let reply = try await kit.run("request", ["url": .string(server.url), "output_limit": 10])
    #expect(reply.output?["body"] == "xxxxxxxxxx" && reply.output?["truncated"] == true)
  }

  @Test func `tries again what the network did not let through`() async throws {
    let server = try LocalServer("")
    #expect(try await kit.run("request", ["url": .string(server.url), "json": 1]).retry != nil)
    #expect(try await kit.run("request", ["url": "http://127.0.0.1:1/"]).retry != nil)
  }

  @Test func `gives up when the time is over or nobody wants the answer`() async throws {
    // The system takes connections to it, and nobody answers them.
    let silent = try LocalServer(isSilent: true)
    let with: JSONValue = ["url": .string(silent.url), "timeout": "50ms"]
    #expect(try await kit.run("request", with).retry?.hasSuffix("took longer than 50ms") == true)
    // Beside this test, which cancels it.
    let attempt = Task { try await kit.run("request", ["url": .string(silent.url)]) }
    attempt.cancel()
    #expect(try await attempt.value.retry == "cancelled")
  }

  @Test func `follows redirects, and only so many`() async throws {
    let server = try LocalServer(
      LocalServer.answer(307, ["Location: /b"]),
      LocalServer.answer(302, ["Location: c?d"]),
      LocalServer.answer(200, [], "there")
    )
    let reply = try await kit.run("request", ["url": .string(server.url + "/a"), "body": "text"])
    #expect(reply.output?["body"] == "there")
    let firsts = server.requests.map { $0.prefix { $0 != "\r\n" } }
    #expect(firsts == ["POST /a HTTP/1.1", "POST /b HTTP/1.1", "GET /c?d HTTP/1.1"])
    let circle = LocalServer.answer(302, ["Location: /"])
    let other = try LocalServer(circle, circle, circle, circle, circle, circle)
    #expect(try await kit.run("request", ["url": .string(other.url)]).failure?.contains("redirects") == true)
  }

  @Test func `shows no other host what proves who is asking, and changes no scheme`() async throws {
    let second = try LocalServer(LocalServer.answer(200))
    let first = try LocalServer(LocalServer.answer(302, ["Location: \(second.url)"]))
    let with: JSONValue = ["url": .string(first.url), "headers": ["Authorization": "Bearer t", "X-A": "1"]]
    #expect(try await kit.run("request", with).isDone)
    #expect(first.requests[0].contains("Bearer t"))
    #expect(!second.requests[0].contains("Bearer t") && second.requests[0].contains("1"))
    let third = try LocalServer(LocalServer.answer(302, ["Location: https://127.0.0.1/"]))
    #expect(try await kit.run("request", ["url": .string(third.url)]).failure?.contains("scheme") == true)
  }
}
