// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Streams, and what commands were answered.
extension InMemoryStore {
  func version(of stream: StreamName) -> Int64 { Int64(streams[stream]?.count ?? 0) }

  func page(of stream: StreamName, after version: Int64, limit: Int) -> EventPage {
    var page = EventPage()
    for position in (streams[stream] ?? []).dropFirst(Int(version)).prefix(limit) {
      let index = Int(position.rawValue) - 1
      page.append(position: position, recorded: events.entries[index].recorded, json: events.json(index))
    }
    return page
  }

  func streams(of owner: String, after key: [UInt8]?, limit: Int) -> [StreamVersion] {
    let all = streams.keys.filter { name in
      name.owner == owner && (key.map { $0.lexicographicallyPrecedes(name.key) } ?? true)
    }
    let sorted = all.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return sorted.prefix(limit).map { StreamVersion($0, version(of: $0)) }
  }

  mutating func forgetStreams(of owner: String, limit: Int) -> Bool {
    let gone = streams(of: owner, after: nil, limit: limit)
    for stream in gone { streams[stream.stream] = nil }
    return !gone.isEmpty
  }

  private func isThere(_ expected: ExpectedStream) -> Bool {
    guard version(of: expected.stream) == expected.version else { return false }
    guard let last = expected.last else { return true }
    return identities[last.source + [0] + last.id] == streams[expected.stream]?.last
  }

  /// Why a change with these conditions is not to be made; keeps its answer otherwise.
  mutating func take(_ conditions: Preconditions?) -> Conflict? {
    guard let conditions else { return nil }
    if let answer = conditions.answer, let known = answers[answer.owner]?[answer.id] {
      return .answered(known)
    }
    for expected in conditions.streams where !isThere(expected) {
      return .stream(StreamVersion(expected.stream, version(of: expected.stream)))
    }
    if let answer = conditions.answer { answers[answer.owner, default: [:]][answer.id] = answer.content }
    return nil
  }
}
