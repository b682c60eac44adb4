// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import NIOCore

/// What is answered to one line.
enum LineAnswer: Sendable {
  /// What became of the next event of the batch.
  case event
  /// The line was no event.
  case refusal(Refusal)

  struct Refusal: Sendable {
    let code: String
    let message: String
    let offset: Int?

    static let tooLong = Refusal(
      code: "json-too-large",
      message: "the line is longer than an event may be",
      offset: nil
    )

    init(_ error: EventError) { self.init(code: error.code, message: error.message, offset: error.offset) }

    init(code: String, message: String, offset: Int?) {
      self.code = code
      self.message = message
      self.offset = offset
    }

    var line: String {
      var members: [JSONValue.Member] = [.init("code", .string(code)), .init("message", .string(message))]
      if let offset { members.append(.init("offset", .number(String(offset)))) }
      return JSONValue.object([.init("error", .object(members))]).json + "\n"
    }
  }

  /// Appends the answers to the lines of a batch, in order.
  static func append(
    _ answers: [LineAnswer],
    _ result: Result<[AppendOutcome], any Error>,
    to buffer: inout ByteBuffer
  ) {
    switch result {
    case .success(let outcomes):
      var next = outcomes.makeIterator()
      for answer in answers { append(answer, outcome: { next.next() }, to: &buffer) }
    case .failure(let error):
      let refusal = Refusal(code: "log-failure", message: "\(error)", offset: nil)
      for answer in answers {
        if case .refusal(let own) = answer {
          buffer.writeString(own.line)
        } else {
          buffer.writeString(refusal.line)
        }
      }
    }
  }

  private static func append(_ answer: LineAnswer, outcome: () -> AppendOutcome?, to buffer: inout ByteBuffer)
  {
    switch answer {
    case .refusal(let refusal): buffer.writeString(refusal.line)
    case .event:
      switch outcome() {
      case .appended(let position): append("{\"position\":", position, to: &buffer)
      case .duplicate(let position): append("{\"duplicate\":", position, to: &buffer)
      case nil: preconditionFailure("there is an outcome for each event")
      }
    }
  }

  private static func append(_ start: StaticString, _ position: LogPosition, to buffer: inout ByteBuffer) {
    buffer.writeStaticString(start)
    buffer.writeString(String(position.rawValue))
    buffer.writeStaticString("}\n")
  }
}
