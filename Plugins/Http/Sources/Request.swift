// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// Sends a request and gives the answer.
///
/// An answer of 200 to 299 is a success. `retry_on` and `fail_on` list statuses, such as `404`, and classes of them,
/// such as `5xx`, for which the rule decides otherwise than `StatusPolicy` does.
struct Request: Action {
  let url: String
  /// POST with a body and GET without, if not given.
  let method: String?
  let headers: [String: String]?
  /// A text that is sent as it is.
  let body: String?
  /// A value that is sent as JSON.
  let json: JSONValue?
  /// For the whole exchange, 30 seconds if not given.
  let timeout: String?
  let retryOn: [JSONValue]?
  let failOn: [JSONValue]?
  /// How much of the answer's body is kept, in bytes.
  let outputLimit: Int?

  enum CodingKeys: String, CodingKey {
    case url, method, headers, body, json, timeout
    case retryOn = "retry_on"
    case failOn = "fail_on"
    case outputLimit = "output_limit"
  }

  func run(_ context: ActionContext) async throws -> ActionResult {
    let policy = try StatusPolicy(retry: retryOn ?? [], fail: failOn ?? [])
    let exchange = Exchange(hosts: try AllowedHosts(context.settings), limit: try limit)
    let call = try call(context)
    let answer = try await exchange.answer(to: call, within: try duration)
    switch policy.verdict(on: answer.status) {
    case .success: return .output(answer.output)
    case .retry: throw ActionError.retry(answer.account(of: call), after: answer.retryAfter)
    case .fail: throw ActionError.fail(answer.account(of: call))
    }
  }

  private func call(_ context: ActionContext) throws -> Call {
    guard body == nil || json == nil else { throw ActionError.fail("give one of 'body' and 'json'") }
    let content = body.map { Array($0.utf8) } ?? json.map { Array($0.json.utf8) }
    var fields = try HeaderFields(headers ?? [:])
    fields.setDefault("Idempotency-Key", context.key)
    fields.setDefault("User-Agent", "earshot")
    if content != nil {
      fields.setDefault("Content-Type", json != nil ? "application/json" : "text/plain; charset=utf-8")
    }
    let method = (method ?? (content == nil ? "GET" : "POST")).uppercased()
    guard method.wholeMatch(of: /[A-Z]{1,20}/) != nil, !["CONNECT", "TRACE"].contains(method) else {
      throw ActionError.fail("'\(method)' is no method that can be sent")
    }
    return Call(method: method, target: try Target(url), fields: fields, body: content)
  }

  private var duration: Duration {
    get throws {
      guard let timeout else { return .seconds(30) }
      guard let duration = DurationText.duration(of: timeout), duration > .zero else {
        throw ActionError.fail("'\(timeout)' is no duration: write it as 500ms, 10s or 1h30m")
      }
      return duration
    }
  }

  /// This, with every byte escaped, must fit into a line of the wire.
  static let maximumLimit = 512 << 10

  private var limit: Int {
    get throws {
      let limit = outputLimit ?? 256 << 10
      guard (0...Self.maximumLimit).contains(limit) else {
        throw ActionError.fail("'output_limit' goes from 0 to \(Self.maximumLimit) bytes")
      }
      return limit
    }
  }
}
