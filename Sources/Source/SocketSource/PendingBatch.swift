// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources

/// The lines of one read, on their way into the log, and the answers they will get.
struct PendingBatch {
  /// The answer to a line that never became an event.
  private struct Refusal {
    /// How many events of the batch stand before the line.
    let eventsBefore: Int
    let answer: Range<Int>
  }

  /// What an answer that is yet to come is counted as.
  private static let answerSize = 32

  private(set) var events = EventBatch()
  private(set) var size = 0
  private var eventCount = 0
  private var refusals: [Refusal] = []
  private var refusalBytes: [UInt8] = []
  private var result: Result<[AppendOutcome], any Error>?

  var isEmpty: Bool { events.isEmpty && refusals.isEmpty }
  var isAnswered: Bool { result != nil }

  /// Takes a line in; a blank one is nothing.
  mutating func take(_ line: Span<UInt8>, _ intake: inout EventIntake) {
    guard !Self.isBlank(line) else { return }
    size += line.count + Self.answerSize
    do throws(EventError) {
      try intake.append(line, to: &events)
    } catch {
      refuse(error.code, error.message, at: error.offset)
    }
  }

  /// Notes the answer to a line that is refused.
  mutating func refuse(_ code: String, _ message: String, at offset: Int) {
    let start = refusalBytes.count
    Answer.append(error: code, message, at: offset, to: &refusalBytes)
    size += refusalBytes.count - start
    refusals.append(Refusal(eventsBefore: events.count, answer: start..<refusalBytes.count))
  }

  /// Hands the events over, which then need no more room here.
  mutating func releaseEvents() -> EventBatch {
    eventCount = events.count
    defer { events = EventBatch() }
    return events
  }

  mutating func finish(_ result: Result<[AppendOutcome], any Error>) { self.result = result }

  /// Appends the answers to all lines in their order.
  func appendAnswers(to bytes: inout [UInt8]) {
    var next = 0
    for index in 0...eventCount {
      while next < refusals.count, refusals[next].eventsBefore == index {
        bytes.append(contentsOf: refusalBytes[refusals[next].answer])
        next += 1
      }
      if index < eventCount { appendAnswer(index, to: &bytes) }
    }
  }

  private func appendAnswer(_ index: Int, to bytes: inout [UInt8]) {
    switch result {
    case .success(let outcomes): Answer.append(outcomes[index], to: &bytes)
    case .failure(let error as LogFailure):
      Answer.append(error: error.code.rawValue, error.message, at: nil, to: &bytes)
    case .failure(let error): Answer.append(error: "log-failure", "\(error)", at: nil, to: &bytes)
    case nil: preconditionFailure("the log has not answered yet")
    }
  }

  private static func isBlank(_ line: Span<UInt8>) -> Bool {
    for index in line.indices where line[index] != 0x20 && line[index] != 0x09 && line[index] != 0x0D {
      return false
    }
    return true
  }
}
