// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import SocketSource

/// The control socket: HTTP over a unix socket.
///
///     GET  /v1/status                    what the host is and does
///     GET  /v1/events?type&source&subject&correlation&where&since&until&from&to&limit&paged&count&by (`EventSearch`)
///     GET  /v1/events/EVENT?tree         one event, by position or id, and what came of it
///     GET  /v1/runs?state&rule&limit, /v1/runs/ID
///     GET  /v1/pending?rule&all&limit    what waits for its time or turn
///     GET  /v1/aggregates, /v1/aggregates/NAME?after&limit, /v1/aggregates/NAME/KEY?version&at&history
///     GET  /v1/follow?from&type&source&subject&correlation&where   Server-Sent Events, without end
///     POST /v1/events                    one CloudEvent or a list of them; answers after the commit
///     POST /v1/commands/NAME/KEY/COMMAND?id&expected_version   with the command's data; answers after the commit
///     POST /v1/reload                    reads the rules anew
///     POST /v1/runs/ID/cancel, /v1/runs/ID/retry, /v1/runs/ID/drop, /v1/runs/ID/confirm, /v1/runs/ID/resume?step,
///          /v1/runs/ID/approve?comment, /v1/runs/ID/reject?comment
///     POST /v1/log/prune, import, erase  has something done with the log (`LogCare`)
///     POST /v1/pending/ID/fire, /v1/pending/ID/extend?by, /v1/pending/ID/cancel
///
/// Views: see `addViews(to:)`.
struct ControlServer: Sendable {
  let path: String
  let control: HostControl

  /// Begins to serve; returns once the socket accepts, or cannot be had.
  func start() async throws -> RunningControlServer {
    var logger = Logger(label: "earshot-control") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    try SocketFolder.prepare(path)
    let gate = ReadyGate()
    // Not an `Application`: that wakes up every second for its date.
    let server = Server(
      childChannelSetup: CheckedChannel(http: HTTP1Channel(responder: responder(logger))),
      configuration: .init(address: .unixDomainSocket(path: path)),
      onServerRunning: { _ in
        // For this user alone, as its folder is.
        chmod(path, 0o600)
        gate.open()
      },
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
      logger: logger
    )
    // The server lives beside everything else, until `stop`.
    let task = Task {
      defer { gate.open() }
      try await server.run()
    }
    await gate.wait()
    return RunningControlServer(server: server, task: task)
  }

  private func responder(_ logger: Logger) -> HTTPChannelHandler.Responder {
    let responder = router.buildResponder()
    return { request, responseWriter, channel in
      let context = BasicRequestContext(source: .init(channel: channel, logger: logger))
      let response: Response
      do {
        response = try await responder.respond(to: request, context: context)
      } catch {
        response = Self.error("\(error)", .internalServerError)
      }
      try await responseWriter.write(response: response.head, body: response.body)
    }
  }

  private var router: Router<BasicRequestContext> {
    let router = Router()
    router.get("v1/status") { _, _ in Self.response(await control.status()) }
    router.get("v1/follow") { request, _ in try follow(request) }
    for path in ["v1/events", "v1/events/:position", "v1/runs", "v1/runs/:id", "v1/pending"] {
      router.get(RouterPath(path)) { request, _ in try await query(request) }
    }
    for path in ["v1/aggregates", "v1/aggregates/:name", "v1/aggregates/:name/:key"] {
      router.get(RouterPath(path)) { request, _ in try await query(request) }
    }
    router.post("v1/commands/:name/:key/:command") { request, context in
      try await command(request, context)
    }
    router.post("v1/events") { request, _ in try await emit(request) }
    router.post("v1/reload") { _, _ in
      let answer = await control.reload()
      return Self.response(answer.json, answer.isDone ? .ok : .unprocessableContent)
    }
    router.post("v1/runs/:id/:verb") { request, context in try await changeRun(request, context) }
    router.post("v1/log/:wish") { request, context in try await care(request, context) }
    addViews(to: router)
    router.post("v1/pending/:id/:verb") { request, context in try await changePending(request, context) }
    addReplays(to: router)
    return router
  }

  private func query(_ request: Request) async throws -> Response {
    let parts = request.uri.path.split(separator: "/").dropFirst().map(String.init)
    do {
      let parameters = Self.parameters(request)
      var answer = try control.queries.answer(parts, parameters)
      if answer == nil { answer = try await control.aggregates().answer(parts, parameters) }
      guard let answer else {
        return Self.error("there is nothing at this path", .notFound)
      }
      return Self.response(answer)
    } catch let refusal as LogQueries.Refusal {
      return Self.error(refusal.description, refusal.isMissing ? .notFound : .badRequest)
    }
  }

  private func emit(_ request: Request) async throws -> Response {
    let limit = JSONLimits.event.maximumBytes
    let body = try await request.body.collect(upTo: limit)
    let type = request.headers[.contentType]?.split(separator: ";").first.map(String.init) ?? ""
    let answer = await control.emit(Array(body.readableBytesView), mediaType: type.lowercased())
    return Self.response(answer.json, answer.status)
  }

  private func care(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let body = Array(try await request.body.collect(upTo: LogCare.mostBytes).readableBytesView)
    let wish = context.parameters.get("wish") ?? ""
    do {
      let answer = try await control.care.answer(wish, Self.parameters(request), body: body)
      return answer.map { Self.response($0) } ?? Self.error("there is no '\(wish)' for a log", .notFound)
    } catch let refusal as LogQueries.Refusal {
      return Self.error(refusal.description, .badRequest)
    } catch let failure as LogFailure {
      return Self.error("\(failure)", failure.code == .full ? .init(code: 507) : .serviceUnavailable)
    }
  }

  private func command(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    let body = try await request.body.collect(upTo: JSONLimits.event.maximumBytes)
    let names = ["name", "key", "command"].map { name in
      context.parameters.get(name).map { $0.removingPercentEncoding ?? $0 } ?? ""
    }
    let answer = await control.command(
      names,
      Array(body.readableBytesView),
      parameters: Self.parameters(request)
    )
    return Self.response(answer.json, answer.status)
  }

  private func changeRun(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    guard let id = context.parameters.get("id", as: Int64.self),
      let verb = context.parameters.get("verb").flatMap(RunControl.Verb.init)
    else {
      let help = "cancel, retry, drop, confirm, resume, approve or reject a run by its number"
      return Self.error(help, .notFound)
    }
    do {
      let parameters = Self.parameters(request)
      let details = RunControl.Details(step: parameters["step"], comment: parameters["comment"])
      return Self.response(try await control.runs.change(RunID(rawValue: id), verb, details))
    } catch let refusal as LogQueries.Refusal {
      return Self.error(refusal.description, refusal.isMissing ? .notFound : .conflict)
    }
  }

  private func changePending(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
    guard let id = context.parameters.get("id"),
      let verb = context.parameters.get("verb").flatMap(PendingControl.Verb.init)
    else { return Self.error("fire, extend or cancel something by its id", .notFound) }
    let duration = Self.parameters(request)["by"].flatMap { DurationText.duration(of: $0) }
    do {
      return Self.response(try await control.pending.change(id, verb, by: duration))
    } catch let refusal as LogQueries.Refusal {
      return Self.error(refusal.description, refusal.isMissing ? .notFound : .conflict)
    }
  }

  private func follow(_ request: Request) throws -> Response {
    let parameters = Self.parameters(request)
    let start: Int64?
    let filter: EventFilter
    do {
      start = try LogQueries.number(parameters, "from")
      filter = try EventFilter(parameters, besides: ["from"])
    } catch let refusal as LogQueries.Refusal {
      return Self.error(refusal.description, .badRequest)
    }
    return Response(
      status: .ok,
      headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        var follower = try control.follow(from: start, filter)
        while let events = try await follower.next() {
          var text = ByteBuffer()
          for event in events {
            text.writeString("id: \(event.position)\ndata: ")
            text.writeBytes(event.json)
            text.writeString("\n\n")
          }
          try await writer.write(text)
        }
        try await writer.finish(nil)
      }
    )
  }

  static func parameters(_ request: Request) -> [String: String] {
    request.uri.queryParameters.reduce(into: [:]) { $0[String($1.key)] = String($1.value) }
  }

  static func response(_ value: JSONValue, _ status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status,
      headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: value.json + "\n"))
    )
  }

  static func error(_ message: String, _ status: HTTPResponse.Status) -> Response {
    response(["error": .string(message)], status)
  }
}
