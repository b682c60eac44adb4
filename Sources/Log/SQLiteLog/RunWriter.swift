// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// The statements that make and change runs; each checks the state in which it finds the run.
///
/// They say in SQL what `Run.applying` says in Swift; the conformance suite holds the two together.
struct RunWriter {
  private let insert: PreparedStatement
  /// The same for a run that has nothing but what every run has.
  private let insertUsual: PreparedStatement
  private let attempt: PreparedStatement
  private let advance: PreparedStatement
  private let advanceCancelled: PreparedStatement
  private let finish: PreparedStatement
  private let hold: PreparedStatement
  private let retry: PreparedStatement
  private let wake: PreparedStatement
  private let fulfil: PreparedStatement
  private let postpone: PreparedStatement
  private let interrupt: PreparedStatement
  private let die: PreparedStatement
  private let compensate: PreparedStatement
  private let stick: PreparedStatement
  private let doubt: PreparedStatement
  private let cancel: PreparedStatement
  private let cancelAttempt: PreparedStatement
  private let cancelOwing: PreparedStatement
  private let cancelJoining: PreparedStatement
  private let endCancelled: PreparedStatement
  private let revive: PreparedStatement
  private let resume: PreparedStatement
  private let drop: PreparedStatement
  private let join: PreparedStatement
  private let abort: PreparedStatement
  private let undo: PreparedStatement

  init(_ database: Database) throws {
    func update(
      _ assignments: String,
      from states: RunState...,
      and condition: String = "TRUE"
    ) throws -> PreparedStatement {
      let allowed = states.map { String($0.rawValue) }.joined(separator: ", ")
      return try PreparedStatement(
        database,
        "UPDATE run SET updated = ?2, \(assignments) WHERE id = ?1 AND state IN (\(allowed)) AND \(condition)"
      )
    }
    func state(_ state: RunState) -> String { "state = \(state.rawValue)" }
    insert = try PreparedStatement(
      database,
      """
      INSERT INTO run (id, position, rule, revision, listener, state, step, attempts, updated, failure, inputs, made,
        gate, turn, outputs, parent, fork, place)
      VALUES (?, ?, ?, ?, ?, ?, ?15, ?7, ?8, CAST(?9 AS TEXT), ?10, ?11, ?12, ?13, ?14, ?16, ?17, ?18)
      """
    )
    insertUsual = try PreparedStatement(
      database,
      """
      INSERT INTO run (id, position, rule, revision, listener, state, step, attempts, updated)
      VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)
      """
    )
    attempt = try update(
      "\(state(.running)), attempts = attempts + 1",
      from: .pending,
      and: "listener = ?3"
    )
    let goingOn = """
      \(state(.pending)), step = ?6, attempts = 0, failure = NULL, outputs = ?3, listener = ?4, turn = ?5,
      interruptions = 0, owes = ?7
      """
    advance = try update(goingOn, from: .running, .uncertain)
    advanceCancelled = try update("\(goingOn), cancelled = 1", from: .cancelling, and: "?7 = 1")
    undo = try update(
      """
      \(state(.pending)), attempts = 0, failure = NULL, outputs = ?3, listener = ?4, turn = NULL, interruptions = 0,
      owes = 1, cancelled = 1
      """,
      from: .done,
      .failed,
      .cancelled,
      .dropped,
      and: "parent IS NOT NULL"
    )
    let joins = "open IS NOT NULL"
    let joinsNone = "open IS NULL"
    join = try update(
      "\(state(.pending)), due = NULL, open = NULL, needed = NULL",
      from: .waiting,
      and: joins
    )
    cancelJoining = try update("cancelled = 1", from: .waiting, and: joins)
    abort = try update("\(state(.cancelled)), failure = CAST(?3 AS TEXT)", from: .running)
    resume = try PreparedStatement(
      database,
      """
      UPDATE run SET updated = ?2, cancelled = 0, \(goingOn)
      WHERE id = ?1 AND \(SQLiteSchema.anyOf(RunState.resumable))
      """
    )
    finish = try update(
      "\(state(.done)), failure = NULL, outputs = ?3",
      from: .running,
      .cancelling,
      .uncertain
    )
    hold = try update("\(state(.waiting)), failure = NULL, outputs = ?3, due = ?4", from: .running)
    retry = try update("\(state(.waiting)), failure = CAST(?3 AS TEXT), due = ?4", from: .running)
    interrupt = try update(
      "\(state(.waiting)), failure = CAST(?3 AS TEXT), due = ?4, interruptions = interruptions + 1",
      from: .running
    )
    compensate = try update(
      "\(state(.compensated)), failure = CAST(?3 AS TEXT), outputs = ?4",
      from: .running,
      .uncertain
    )
    stick = try update("\(state(.stuck)), failure = CAST(?3 AS TEXT)", from: .running)
    doubt = try update("\(state(.uncertain)), failure = CAST(?3 AS TEXT)", from: .running)
    wake = try update("\(state(.pending)), due = NULL", from: .waiting, and: joinsNone)
    fulfil = try update("\(state(.pending)), due = NULL, outputs = ?3", from: .waiting, and: joinsNone)
    postpone = try update("due = ?4", from: .waiting, and: joinsNone)
    let (dead, failed) = (RunState.dead.rawValue, RunState.failed.rawValue)
    die = try update(
      "state = CASE WHEN parent IS NULL THEN \(dead) ELSE \(failed) END, failure = CAST(?3 AS TEXT)",
      from: .running
    )
    cancel = try update(
      "\(state(.cancelled)), due = NULL",
      from: .queued,
      .behind,
      .pending,
      .waiting,
      and: "owes = 0 AND \(joinsNone)"
    )
    cancelAttempt = try update(state(.cancelling), from: .running, and: "owes = 0")
    let (waiting, pending) = (RunState.waiting.rawValue, RunState.pending.rawValue)
    cancelOwing = try update(
      "cancelled = 1, due = NULL, state = CASE state WHEN \(waiting) THEN \(pending) ELSE state END",
      from: .queued,
      .behind,
      .pending,
      .waiting,
      .running,
      and: "owes = 1 AND \(joinsNone)"
    )
    endCancelled = try update(
      "\(state(.cancelled)), failure = coalesce(CAST(?3 AS TEXT), failure), outputs = coalesce(?4, outputs)",
      from: .cancelling
    )
    revive = try update(
      "\(state(.pending)), attempts = 0, interruptions = 0",
      from: .dead,
      .uncertain,
      .stuck
    )
    drop = try update(state(.dropped), from: .dead, .uncertain, .stuck)
  }

  /// Stores a new run; `made` is the newest event when the run is not made for that one.
  func insert(_ run: Run, _ names: NameIDs, made: Int64?) throws {
    let statement = run.isUsual && made == nil ? insertUsual : insert
    statement.bind(1, run.id.rawValue)
    statement.bind(2, run.position.rawValue)
    Self.bind(names, to: statement)
    statement.bind(6, Int64(run.state.rawValue))
    statement.bind(7, Int64(run.attempts))
    statement.bind(8, run.updated.microseconds)
    guard statement === insert else { return try statement.run() }
    if let made { insert.bind(11, made) } else { insert.bindNull(11) }
    insert.bind(15, Int64(run.step))
    let branch = run.branch
    let numbers = [branch?.parent.rawValue, branch.map { Int64($0.fork) }, branch.map { Int64($0.place) }]
    for (column, number) in zip(Int32(16)..., numbers) {
      if let number { insert.bind(column, number) } else { insert.bindNull(column) }
    }
    let inputs = run.inputs.isEmpty ? nil : PositionList.bytes(run.inputs)
    try insert.run([
      (9, run.failure.map { Array($0.utf8) }), (10, inputs), (12, run.gate), (13, run.turn),
      (14, run.outputs),
    ])
  }

  private static func bind(_ names: NameIDs, to statement: PreparedStatement) {
    statement.bind(3, names.rule)
    statement.bind(4, names.revision)
    statement.bind(5, names.listener)
  }

  /// Stores a run that had no row, as it is now.
  func insert(_ run: FreshRun, _ state: RunState, outputs: [UInt8]? = nil, at updated: Int64) throws {
    let statement = outputs == nil ? insertUsual : insert
    statement.bind(1, run.id)
    statement.bind(2, run.position)
    Self.bind(run.names, to: statement)
    statement.bind(6, Int64(state.rawValue))
    statement.bind(7, run.isRunning ? 1 : 0)
    statement.bind(8, updated)
    guard let outputs else { return try statement.run() }
    for column: Int32 in [9, 10, 11, 12, 13, 16, 17, 18] { insert.bindNull(column) }
    insert.bind(15, 0)
    try outputs.withUnsafeBytes { bytes in
      insert.bind(14, bytes)
      try insert.run()
    }
  }

  /// Applies a change; `names` gives the id of a listener's name.
  func apply(_ change: RunChange, at now: Int64, names: (String) throws -> Int64) throws -> Bool {
    let run = change.run
    switch change {
    case .attempt(_, let listener):
      attempt.bind(3, try names(listener))
      return try apply(attempt, run, now)
    case .advance(_, let next, let outputs):
      for statement in next.owes ? [advance, advanceCancelled] : [advance] {
        try bind(next, to: statement, names)
        if try apply(statement, run, now, [(3, outputs), (5, next.turn)]) { return true }
      }
      return try apply(endCancelled, run, now, [(3, nil), (4, outputs)])
    case .hold(_, let due, let outputs):
      hold.bind(4, due.microseconds)
      if try apply(hold, run, now, third: outputs) { return true }
      return try apply(endCancelled, run, now, [(3, nil), (4, outputs)])
    case .finish(_, let outputs): return try apply(finish, run, now, third: outputs)
    case .retry(_, let due, let failure): return try fail(retry, run, now, failure, due: due)
    case .interrupt(_, let due, let failure): return try fail(interrupt, run, now, failure, due: due)
    case .wake: return try apply(wake, run, now)
    case .fulfil(_, let outputs): return try apply(fulfil, run, now, third: outputs)
    case .postpone(_, let due):
      postpone.bind(4, due.microseconds)
      return try apply(postpone, run, now)
    case .die(_, let failure): return try fail(die, run, now, failure)
    case .doubt(_, let failure): return try fail(doubt, run, now, failure)
    case .stick(_, let failure): return try fail(stick, run, now, failure)
    case .compensate(_, let failure, let outputs):
      let text = Array(failure.utf8)
      if try apply(compensate, run, now, [(3, text), (4, outputs)]) { return true }
      return try apply(endCancelled, run, now, [(3, text), (4, nil)])
    case .cancel:
      for statement in [cancel, cancelAttempt, cancelOwing, cancelJoining]
      where try apply(statement, run, now) {
        return true
      }
      return false
    case .revive: return try apply(revive, run, now)
    case .resume(_, let next, let outputs):
      try bind(next, to: resume, names)
      return try apply(resume, run, now, [(3, outputs), (5, next.turn)])
    case .drop: return try apply(drop, run, now)
    case .join: return try apply(join, run, now)
    case .abort(_, let failure): return try fail(abort, run, now, failure)
    case .undo(_, let listener, let outputs):
      undo.bind(4, try names(listener))
      return try apply(undo, run, now, [(3, outputs)])
    }
  }

  private func bind(
    _ next: NextStep,
    to statement: PreparedStatement,
    _ names: (String) throws -> Int64
  ) throws {
    statement.bind(4, try names(next.listener))
    statement.bind(6, Int64(next.step))
    statement.bind(7, next.owes ? 1 : 0)
  }

  /// Notes a failure; of a run that is to be cancelled it is the end.
  private func fail(
    _ statement: PreparedStatement,
    _ run: RunID,
    _ now: Int64,
    _ failure: String,
    due: Timestamp? = nil
  ) throws -> Bool {
    if let due { statement.bind(4, due.microseconds) }
    let text = Array(failure.utf8)
    if try apply(statement, run, now, third: text) { return true }
    return try apply(endCancelled, run, now, [(3, text), (4, nil)])
  }

  private func apply(
    _ statement: PreparedStatement,
    _ run: RunID,
    _ now: Int64,
    _ values: [(Int32, [UInt8]?)] = []
  ) throws -> Bool {
    statement.bind(1, run.rawValue)
    statement.bind(2, now)
    try statement.run(values)
    return statement.changes == 1
  }

  private func apply(
    _ statement: PreparedStatement,
    _ run: RunID,
    _ now: Int64,
    third: [UInt8]?
  ) throws -> Bool {
    guard let third else {
      statement.bindNull(3)
      return try apply(statement, run, now)
    }
    return try third.withUnsafeBytes { bytes in
      statement.bind(3, bytes)
      return try apply(statement, run, now)
    }
  }
}
