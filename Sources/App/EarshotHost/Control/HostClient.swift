// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import DurableLog
public import EventModel
import Foundation
import NIOCore
import NIOHTTP1
import SQLiteLog
import SocketSource

/// The way from the command line to a host: over its control socket, and for questions about the log, when no host
/// runs, by reading the log itself.
public struct HostClient: Sendable {
  let paths: StatePaths

  /// Speaks to the host of a state directory.
  public init(paths: StatePaths) { self.paths = paths }

  /// Whether a host accepts connections.
  public var isHostRunning: Bool { UnixSocket.accepts(at: paths.controlSocket) }

  /// Asks about the log.
  ///
  /// - Throws: `HostFailure`, also when there is neither a host nor a log.
  public func query(_ path: [String], _ query: [(String, String)] = []) async throws -> JSONValue {
    if isHostRunning { return try await send("GET", path, query, body: nil) }
    guard FileManager.default.fileExists(atPath: paths.log) else {
      throw HostFailure("no host is running, and there is no log at \(paths.log)", status: 66)
    }
    do {
      let queries = LogQueries(try LogReader(path: paths.log))
      guard let answer = try queries.answer(path, Dictionary(query) { $1 }) else {
        throw HostFailure("there is nothing at this path", status: 66)
      }
      return answer
    } catch let refusal as LogQueries.Refusal {
      throw HostFailure(refusal.description, status: refusal.isMissing ? 66 : 64)
    } catch let failure as LogFailure {
      throw HostFailure("\(failure)", status: 70)
    }
  }

  /// Asks a running host what the log alone does not tell.
  public func ask(_ path: [String]) async throws -> JSONValue { try await send("GET", path, [], body: nil) }

  /// Tells a running host something; an answer with the status `refusal` is an answer too.
  public func post(
    _ path: [String],
    _ query: [(String, String)] = [],
    body: [UInt8] = [],
    type: String = "application/json",
    hearing refusal: UInt? = nil
  ) async throws -> JSONValue {
    try await send("POST", path, query, body: body, type: type, hearing: refusal)
  }

  /// Calls `body` with each event as the host commits it, until the host ends.
  public func follow(_ query: [(String, String)], _ body: ([UInt8]) throws -> Void) async throws {
    try await follow(["follow"], query, body)
  }

  /// The same for what comes at some path.
  func follow(_ path: [String], _ query: [(String, String)], _ body: ([UInt8]) throws -> Void) async throws {
    try requireHost()
    // Nothing may happen for as long as it likes, so there is no limit on the time between two events.
    var configuration = HTTPClient.Configuration()
    configuration.timeout.read = nil
    let client = HTTPClient(configuration: configuration)
    do {
      try await follow(path, query, client, body)
      try await client.shutdown()
    } catch {
      try await client.shutdown()
      throw error
    }
  }

  private func follow(
    _ path: [String],
    _ query: [(String, String)],
    _ client: HTTPClient,
    _ body: ([UInt8]) throws -> Void
  ) async throws {
    let response = try await client.execute(request("GET", path, query), timeout: .hours(87_600))
    guard response.status.code < 300 else {
      let answer = try JSONValue(
        json: Array(try await response.body.collect(upTo: 1 << 20).readableBytesView)
      )
      throw HostFailure(Self.reason(answer), status: Self.exitStatus(response.status.code))
    }
    var rest: [UInt8] = []
    let prefix = Array("data: ".utf8)
    for try await part in response.body {
      rest += part.readableBytesView
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = rest[..<end]
        if line.starts(with: prefix) { try body(Array(line.dropFirst(prefix.count))) }
        rest.removeFirst(end + 1)
      }
    }
  }

  func send(
    _ method: String,
    _ path: [String],
    _ query: [(String, String)],
    body: [UInt8]?,
    type: String = "application/json",
    hearing refusal: UInt? = nil
  ) async throws -> JSONValue {
    try requireHost()
    var request = request(method, path, query)
    if let body {
      request.body = .bytes(body)
      request.headers.add(name: "Content-Type", value: type)
    }
    do {
      let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
      let bytes = try await response.body.collect(upTo: 256 << 20)
      let limits = JSONLimits(maximumBytes: 256 << 20, maximumDepth: 128, allowsDuplicateKeys: true)
      let answer = try JSONValue(json: Array(bytes.readableBytesView), limits: limits)
      let isAnswer = response.status.code == refusal && answer["error"] == nil
      guard response.status.code < 300 || isAnswer else {
        // A question that is wrong is a wrong use, what is sent and wrong is wrong data.
        let isWrongUse = (method == "GET" || path.first == "log") && response.status == .badRequest
        throw HostFailure(
          Self.reason(answer),
          status: isWrongUse ? 64 : Self.exitStatus(response.status.code)
        )
      }
      return answer
    } catch let error as HTTPClientError {
      throw HostFailure("the host does not answer: \(error)", status: 69)
    }
  }

  private static func reason(_ answer: JSONValue) -> String {
    let error = answer["error"]
    guard let message = error?["message"]?.string else { return error?.string ?? answer.json }
    let offset = error?["offset"].map { " at offset \($0.json)" } ?? ""
    let code = error?["code"]?.string.map { " [\($0)]" } ?? ""
    return message + offset + code
  }

  private static func exitStatus(_ status: UInt) -> Int32 {
    switch status {
    case 400: 65
    case 404: 66
    case 409: 1
    case 422: 65
    case 503, 507: 69
    default: 70
    }
  }

  private func requireHost() throws {
    guard isHostRunning else {
      throw HostFailure(
        "no host is running here (\(paths.controlSocket)); start one: earshot run",
        status: 69
      )
    }
  }

  private func request(_ method: String, _ path: [String], _ query: [(String, String)]) -> HTTPClientRequest {
    var components = URLComponents()
    let parts = path.map { $0.addingPercentEncoding(withAllowedCharacters: .urlPathComponentAllowed) ?? $0 }
    components.percentEncodedPath = "/v1/" + parts.joined(separator: "/")
    if !query.isEmpty { components.queryItems = query.map { URLQueryItem(name: $0.0, value: $0.1) } }
    let uri = components.string ?? ""
    let socket = paths.controlSocket.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    var request = HTTPClientRequest(url: "http+unix://\(socket)\(uri)")
    request.method = method == "POST" ? .POST : .GET
    return request
  }
}

extension CharacterSet {
  /// What may stand in one part of a path as it is.
  fileprivate static let urlPathComponentAllowed = CharacterSet.urlPathAllowed.subtracting(
    .init(charactersIn: "/")
  )
}
