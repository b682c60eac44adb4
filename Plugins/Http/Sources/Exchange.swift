// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import ListenerSDK
import NIOCore
import NIOHTTP1

/// Sends a request and fetches the answer, over as many redirects as are allowed.
struct Exchange: Sendable {
  let hosts: AllowedHosts
  /// How much of a body is kept, in bytes.
  let limit: Int

  static let maximumRedirects = 5

  /// One client for all requests, so that connections are used again; it ends with the process.
  private static let client: HTTPClient = {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    // Another attempt is the rule's business.
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(configuration: configuration)
  }()

  func answer(to call: Call, within duration: Duration) async throws -> Answer {
    do {
      return try await withThrowingTaskGroup(of: Answer?.self) { group in
        // The call and its time limit run beside each other; the first one to end decides.
        group.addTask { try await follow(call) }
        // Ends the call when its time is over.
        group.addTask {
          try await Task.sleep(for: duration)
          return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let answer = first else {
          throw ActionError.retry("\(call.target) took longer than \(DurationText.text(of: duration))")
        }
        return answer
      }
    } catch let error as ActionError {
      throw error
    } catch {
      try Task.checkCancellation()
      throw ActionError.retry("\(call.method) \(call.target): \(error)")
    }
  }

  private func follow(_ call: Call) async throws -> Answer {
    var call = call
    for _ in 0...Self.maximumRedirects {
      try hosts.check(call.target)
      let response = try await Self.client.execute(Self.request(call), deadline: .distantFuture)
      let status = Int(response.status.code)
      guard [301, 302, 303, 307, 308].contains(status),
        let location = response.headers.first(name: "Location")
      else {
        return try await answer(response, status)
      }
      call = try call.redirected(by: status, to: location)
    }
    throw ActionError.fail("\(call.target): more than \(Self.maximumRedirects) redirects")
  }

  private static func request(_ call: Call) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: call.target.url.absoluteString)
    request.method = HTTPMethod(rawValue: call.method)
    for (name, value) in call.fields.fields { request.headers.add(name: name, value: value) }
    if let body = call.body { request.body = .bytes(body) }
    return request
  }

  private func answer(_ response: HTTPClientResponse, _ status: Int) async throws -> Answer {
    let fields = response.headers.map { (name: $0.name.lowercased(), value: $0.value) }
    var answer = Answer(status: status, fields: fields)
    for try await part in response.body {
      let room = limit - answer.body.count
      answer.body += part.readableBytesView.prefix(room)
      if part.readableBytes > room {
        answer.isTruncated = true
        break
      }
    }
    return answer
  }
}
