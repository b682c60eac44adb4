// SPDX-License-Identifier: Apache-2.0

import EventModel
import Hummingbird
import NIOCore

/// Replays over the control socket.
///
///     GET  /v1/replays                   those that are under way
///     POST /v1/replays/plan              what a replay would do
///     POST /v1/replays                   begins one: { "from", "to", "type", "where", "rules", "pace" }
///     POST /v1/replays/ID/cancel
extension ControlServer {
  /// Adds the paths.
  func addReplays(to router: Router<BasicRequestContext>) {
    router.get("v1/replays") { _, _ in try await answering { try control.replays.list() } }
    router.post("v1/replays/plan") { request, _ in
      try await answering { try await control.replays.plan(try await Self.wish(request)) }
    }
    router.post("v1/replays") { request, _ in
      try await answering { try await control.replays.begin(try await Self.wish(request)) }
    }
    router.post("v1/replays/:id/cancel") { _, context in
      try await answering { try await control.replays.cancel(context.parameters.get("id") ?? "") }
    }
  }

  private static func wish(_ request: Request) async throws -> JSONValue {
    let body = try await request.body.collect(upTo: JSONLimits.event.maximumBytes)
    do { return try JSONValue(json: Array(body.readableBytesView), limits: .event) } catch {
      throw LogQueries.Refusal(isMissing: false, description: "the wish is not JSON: \(error)")
    }
  }

  private func answering(_ body: () async throws -> JSONValue) async throws -> Response {
    do { return Self.response(try await body()) } catch let refusal as LogQueries.Refusal {
      return Self.error(refusal.description, refusal.isMissing ? .notFound : .badRequest)
    }
  }
}
