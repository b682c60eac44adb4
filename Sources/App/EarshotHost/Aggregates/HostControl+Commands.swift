// SPDX-License-Identifier: Apache-2.0

import Aggregates
import EventModel
import HTTPTypes

extension HostControl {
  /// Sends a command to a thing of an aggregate: `names` are the aggregate, the key and the command, `body` is the data.
  func command(_ names: [String], _ body: [UInt8], parameters: [String: String]) async -> EmitAnswer {
    var request = CommandRequest(aggregate: names[0], key: names[1], command: names[2])
    request.id = parameters["id"]
    do {
      request.expectedVersion = try parameters["expected_version"].map(Self.version)
      if !body.isEmpty { request.data = try JSONValue(json: body, limits: .event) }
    } catch {
      return EmitAnswer(status: .badRequest, json: Self.error(.invalid, "\(error)"))
    }
    do throws(CommandFailure) {
      let reply = try await commands.handle(request)
      return EmitAnswer(status: reply.refusal == nil ? .ok : .conflict, json: reply.json)
    } catch {
      return EmitAnswer(status: error.code.status, json: Self.error(error.code, error.message))
    }
  }

  private static func version(_ text: String) throws -> Int64 {
    guard let version = Int64(text), version >= 0 else {
      throw CommandFailure(.invalid, "'\(text)' is no version")
    }
    return version
  }

  private static func error(_ code: CommandFailure.Code, _ message: String) -> JSONValue {
    ["error": ["code": .string(code.rawValue), "message": .string(message)]]
  }
}

extension CommandFailure.Code {
  /// What it is in HTTP.
  fileprivate var status: HTTPResponse.Status {
    switch self {
    case .unknown: .notFound
    case .invalid: .badRequest
    case .version, .busy: .conflict
    case .notReady, .log: .serviceUnavailable
    case .failed: .internalServerError
    }
  }
}
