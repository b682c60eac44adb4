// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Projections

/// What the control socket answers about views.
///
///     GET  /v1/views                                  all views
///     GET  /v1/views/NAME?after&limit                 rows of a view, by their keys
///     GET  /v1/views/NAME/KEY, /v1/views/NAME?key     one row
///     GET  /v1/views/NAME?at, /v1/views/NAME/KEY?at    the same as it was at a position or time
///     GET  /v1/follow/views/NAME                      Server-Sent Events: rows as they change
///     POST /v1/views/NAME/rebuild                     builds a view anew
///     POST /v1/query                                  {sql, limit, timeout, consistent_with}
extension ControlServer {
  func addViews(to router: Router<BasicRequestContext>) {
    router.get("v1/views") { _, _ in try await answer { try await $0.list() } }
    router.get("v1/views/:name") { request, context in
      let name = try context.parameters.require("name")
      return try await answer { try await $0.show(name, Self.parameters(request)) }
    }
    // A key may hold slashes.
    router.get("v1/views/:name/**") { request, context in
      let name = try context.parameters.require("name")
      let prefix = "/v1/views/\(name)/"
      let key = request.uri.path.dropFirst(prefix.count).removingPercentEncoding ?? ""
      return try await answer {
        try await $0.show(name, Self.parameters(request).merging(["key": key]) { $1 })
      }
    }
    router.post("v1/views/:name/rebuild") { _, context in
      let name = try context.parameters.require("name")
      return try await answer { try await $0.rebuild(name) }
    }
    router.get("v1/follow/views/:name") { _, context in try followView(try context.parameters.require("name"))
    }
    router.post("v1/query") { request, _ in
      let body = try await request.body.collect(upTo: JSONLimits.event.maximumBytes)
      return try await answer { views in
        let question: JSONValue
        do throws(JSONError) {
          question = try JSONValue(json: Array(body.readableBytesView), limits: .event)
        } catch {
          throw LogQueries.Refusal(isMissing: false, description: "the question is no JSON: \(error)")
        }
        return try await views.ask(question)
      }
    }
  }

  private func followView(_ name: String) throws -> Response {
    let follower: ViewFollower
    do {
      follower = try control.views.follow(name)
    } catch let refusal as LogQueries.Refusal {
      return Self.error(refusal.description, .notFound)
    }
    return Response(
      status: .ok,
      headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        defer { follower.end() }
        // A comment, so that whoever listens knows that it has begun.
        try await writer.write(ByteBuffer(string: ": following\n\n"))
        while let news = await follower.next() {
          var text = ByteBuffer()
          for change in news.changes { text.writeString("data: \(change.json.json)\n\n") }
          if news.lost > 0 { text.writeString("data: {\"lost\":\(news.lost)}\n\n") }
          try await writer.write(text)
        }
        try await writer.finish(nil)
      }
    )
  }

  private func answer(_ body: (ViewQueries) async throws -> JSONValue) async throws -> Response {
    do {
      return Self.response(try await body(control.views))
    } catch let refusal as LogQueries.Refusal {
      return Self.error(refusal.description, refusal.isMissing ? .notFound : .badRequest)
    } catch let failure as ViewFailure {
      return Self.error(failure.description, failure.httpStatus)
    }
  }
}

extension ViewFailure {
  /// The HTTP status that says so.
  var httpStatus: HTTPResponse.Status {
    switch code {
    case .missing: .notFound
    case .question, .forbidden: .badRequest
    case .time, .behind, .stopped, .closed: .serviceUnavailable
    case .corrupt, .full, .io: .internalServerError
    }
  }
}
