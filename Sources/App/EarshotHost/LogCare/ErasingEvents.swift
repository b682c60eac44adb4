// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Erases events as they are found, some at a time.
public struct ErasingEvents {
  /// How many events are erased at once.
  private static let batch = 200
  /// How often it is tried to clean the disk, and how long it is waited before.
  private static let tries = 50
  private static let pause = Duration.milliseconds(100)

  private let caretaker: LogCaretaker
  private let reason: String
  private let selection: String
  private var waiting: [JSONValue] = []
  /// How many events are erased.
  public private(set) var erased = 0
  /// The positions of those that stay, since runs that are not over react to them.
  public private(set) var needed: [Int64] = []
  /// How many are of types that are not erased.
  public private(set) var kept = 0
  /// Whether nothing of what was erased is left on the disk.
  public private(set) var isClean = false

  /// Begins an erasure; `reason` and by what the events are found stay in the log.
  public init(_ caretaker: LogCaretaker, reason: String, selection: String) {
    self.caretaker = caretaker
    self.reason = reason
    self.selection = selection
  }

  /// Erases an event, now or with others.
  ///
  /// - Throws: `HostFailure`.
  public mutating func add(_ event: JSONValue) async throws {
    guard let position = event["sequence"]?.string else { return }
    waiting.append(.number(position))
    if waiting.count >= Self.batch { try await erase() }
  }

  /// Erases the rest, and sees to it that nothing is left on the disk, also of an erasure before that was interrupted.
  ///
  /// - Throws: `HostFailure`.
  public mutating func finish() async throws {
    try await erase()
    let clock = SystemClock()
    for _ in 0..<Self.tries where !isClean {
      try await clock.sleep(for: Self.pause)
      try await erase()
    }
  }

  private mutating func erase() async throws {
    let body: JSONValue = [
      "positions": .array(waiting), "reason": .string(reason), "selected_by": .string(selection),
    ]
    let answer = try await caretaker("erase", body: Array(body.json.utf8))
    waiting = []
    erased += answer["erased"]?.int ?? 0
    kept += answer["kept"]?.int ?? 0
    isClean = answer["clean"] == true
    if case .array(let positions)? = answer["needed"] {
      needed += positions.compactMap { $0.int.map(Int64.init) }
    }
  }
}
