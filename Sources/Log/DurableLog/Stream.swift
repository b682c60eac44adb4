// SPDX-License-Identifier: Apache-2.0

/// The name of a stream: the events of one thing, such as all of one account, strung together in their order.
///
/// Which events belong to it is the router's to say, in the transaction that stores them.
public struct StreamName: Sendable, Hashable {
  /// What keeps streams of this kind.
  public let owner: String
  /// The thing among those of its owner.
  public let key: [UInt8]

  /// Names a stream.
  public init(owner: String, key: [UInt8]) {
    self.owner = owner
    self.key = key
  }
}

/// How many events a stream has.
public struct StreamVersion: Sendable, Hashable {
  /// The stream.
  public let stream: StreamName
  /// The number of its events; 0 for a stream that has none.
  public let version: Int64

  /// Names a version.
  public init(_ stream: StreamName, _ version: Int64) {
    self.stream = stream
    self.version = version
  }
}

/// By what an event is known: its source and id as they stand in its canonical JSON.
public struct EventIdentity: Sendable, Hashable {
  /// The source.
  public let source: [UInt8]
  /// The id.
  public let id: [UInt8]

  /// Names an event.
  public init(source: [UInt8], id: [UInt8]) {
    self.source = source
    self.id = id
  }
}

/// A stream as a change expects it.
public struct ExpectedStream: Sendable, Hashable {
  /// The stream.
  public let stream: StreamName
  /// How many events it has.
  public let version: Int64
  /// Its last event; nil when that does not matter.
  ///
  /// It matters to what is decided on events that are not committed yet: others may be there in their place.
  public let last: EventIdentity?

  /// Says what is expected.
  public init(_ stream: StreamName, _ version: Int64, last: EventIdentity? = nil) {
    self.stream = stream
    self.version = version
    self.last = last
  }
}

/// What a command was answered, kept so that the same command is answered the same.
public struct CommandAnswer: Sendable, Hashable {
  /// Whose command it was.
  public let owner: String
  /// The id by which the command is known to its owner.
  public let id: String
  /// The answer; JSON.
  public let content: [UInt8]

  /// Keeps an answer.
  public init(owner: String, id: String, content: [UInt8]) {
    self.owner = owner
    self.id = id
    self.content = content
  }
}

/// What a change depends on; where it does not hold, nothing of the change is done.
public struct Preconditions: Sendable, Hashable {
  /// How streams must be.
  public var streams: [ExpectedStream]
  /// The answer that is kept if the change is made; the command must not have been answered before.
  public var answer: CommandAnswer?

  /// Makes conditions.
  public init(streams: [ExpectedStream] = [], answer: CommandAnswer? = nil) {
    self.streams = streams
    self.answer = answer
  }
}

/// Why a change was not made.
public enum Conflict: Sendable, Hashable {
  /// A stream has this version, or its last event is another one.
  case stream(StreamVersion)
  /// The command was answered so before.
  case answered([UInt8])
}
