// SPDX-License-Identifier: Apache-2.0

import DurableLog
import Failpoints
import GRDB

/// The tables of the log and the way from each older version to the present one.
enum SQLiteSchema {
  /// Columns that repeat (sources, types, rules, revisions, listeners) hold the id of a row of `name`.
  ///
  /// Each index of runs holds those of one state, so that finding open work does not depend on the log's length, and
  /// a run that begins at once and succeeds is put into one index and taken out of it. A query uses such an index
  /// only if it says `state = N` in these words.
  private static let version1 = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) WITHOUT ROWID, STRICT;
    CREATE TABLE name (id INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE) STRICT;
    CREATE TABLE event (
      position INTEGER PRIMARY KEY,
      recorded INTEGER NOT NULL,
      source INTEGER NOT NULL,
      id BLOB NOT NULL,
      type INTEGER NOT NULL,
      body BLOB NOT NULL,
      checksum BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX event_identity ON event (source, id);
    CREATE TABLE run (
      id INTEGER PRIMARY KEY,
      position INTEGER NOT NULL,
      rule INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      listener INTEGER NOT NULL,
      state INTEGER NOT NULL,
      step INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      due INTEGER,
      failure TEXT,
      outputs BLOB,
      updated INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX run_pending ON run (listener, id) WHERE state = 0;
    CREATE INDEX run_running ON run (id) WHERE state = 1;
    CREATE INDEX run_due ON run (due, id) WHERE state = 2;
    CREATE INDEX run_dead ON run (id) WHERE state = 4;
    CREATE TABLE checkpoint (
      source INTEGER NOT NULL,
      key BLOB NOT NULL,
      value BLOB NOT NULL,
      PRIMARY KEY (source, key)
    ) WITHOUT ROWID, STRICT;
    """

  /// Windows, decisions, and what runs wait for.
  ///
  /// Runs are made in the order of their events except for those of windows; `made` is the newest event when such a run
  /// was made, so that runs can still be found by their events without an index. `succession` holds the open runs of
  /// gates and turns, whose names begin with `g` or `t`; most runs have neither and cost nothing there.
  private static let version2 = """
    ALTER TABLE run ADD COLUMN inputs BLOB;
    ALTER TABLE run ADD COLUMN made INTEGER;
    ALTER TABLE run ADD COLUMN gate BLOB;
    ALTER TABLE run ADD COLUMN turn BLOB;
    ALTER TABLE run ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0;
    DROP INDEX run_pending;
    CREATE INDEX run_pending ON run (listener, rule, id) WHERE state = 0;
    DROP INDEX run_running;
    CREATE INDEX run_running ON run (id) WHERE state IN (1, 8);
    CREATE INDEX run_interrupted ON run (id) WHERE interruptions > 0;
    DROP INDEX run_dead;
    CREATE INDEX run_dead ON run (id) WHERE state IN (4, 10);
    CREATE TABLE succession (
      name BLOB NOT NULL,
      run INTEGER NOT NULL,
      PRIMARY KEY (name, run)
    ) WITHOUT ROWID, STRICT;
    CREATE TABLE window (
      id INTEGER PRIMARY KEY,
      owner INTEGER NOT NULL,
      key BLOB NOT NULL,
      due INTEGER NOT NULL,
      content BLOB NOT NULL,
      UNIQUE (owner, key)
    ) STRICT;
    CREATE INDEX window_due ON window (due, id);
    CREATE TABLE decision (
      position INTEGER NOT NULL,
      rule INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      run INTEGER NOT NULL,
      PRIMARY KEY (position, rule, kind, run)
    ) WITHOUT ROWID, STRICT;
    """

  /// What makes writing and forgetting cheap.
  ///
  /// `fresh` holds the runs that have no row in `run` yet, and `attempted` which of them have begun after they were made,
  /// those of a transaction in one row (`FreshRun`); `kept` the events that stayed when those around them were forgotten (`LogOrigin`). What a window of before needs is
  /// not known, so it is as if it needed all.
  private static let version3 = """
    CREATE TABLE fresh (first INTEGER PRIMARY KEY, runs BLOB NOT NULL) STRICT;
    CREATE TABLE attempted (number INTEGER PRIMARY KEY, runs BLOB NOT NULL) STRICT;
    CREATE TABLE kept (position INTEGER PRIMARY KEY, before BLOB NOT NULL) STRICT;
    ALTER TABLE window ADD COLUMN oldest INTEGER DEFAULT 0;
    """

  /// Runs that take back what they have done, and that are stuck, which are found like dead ones.
  private static let version4 = """
    ALTER TABLE run ADD COLUMN owes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE run ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0;
    DROP INDEX run_dead;
    CREATE INDEX run_dead ON run (id) WHERE state IN (4, 10, 12);
    """

  /// What came to pass in runs, forgotten with them; what runs wait for; and a way to events by their type, by which they look
  /// back for it.
  private static let version5 = """
    CREATE TABLE history (
      run INTEGER NOT NULL,
      number INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      step TEXT NOT NULL,
      attempt INTEGER NOT NULL,
      began INTEGER NOT NULL,
      ended INTEGER NOT NULL,
      input BLOB,
      result BLOB,
      PRIMARY KEY (run, number)
    ) WITHOUT ROWID, STRICT;
    CREATE INDEX event_type ON event (type);
    CREATE TABLE awaiting (run INTEGER PRIMARY KEY, site INTEGER NOT NULL, key BLOB NOT NULL) STRICT;
    CREATE INDEX awaiting_key ON awaiting (site, key, run);
    CREATE TRIGGER run_forgotten AFTER DELETE ON run BEGIN DELETE FROM history WHERE run = old.id; END;
    """

  /// Branches of runs, and the runs that wait for them, which are few.
  private static let version6 = """
    ALTER TABLE run ADD COLUMN parent INTEGER;
    ALTER TABLE run ADD COLUMN fork INTEGER;
    ALTER TABLE run ADD COLUMN place INTEGER;
    ALTER TABLE run ADD COLUMN open INTEGER;
    ALTER TABLE run ADD COLUMN needed INTEGER;
    CREATE INDEX run_branch ON run (parent, fork, place) WHERE parent IS NOT NULL;
    CREATE INDEX run_joining ON run (id) WHERE open IS NOT NULL;
    """

  /// Streams, and what commands were answered; the second index of each is for what is to be forgotten.
  private static let version7 = """
    CREATE TABLE stream (
      owner INTEGER NOT NULL,
      key BLOB NOT NULL,
      version INTEGER NOT NULL,
      position INTEGER NOT NULL,
      PRIMARY KEY (owner, key, version)
    ) WITHOUT ROWID, STRICT;
    CREATE INDEX stream_position ON stream (position);
    CREATE TABLE answer (
      owner INTEGER NOT NULL,
      command TEXT NOT NULL,
      position INTEGER NOT NULL,
      content BLOB NOT NULL,
      PRIMARY KEY (owner, command)
    ) WITHOUT ROWID, STRICT;
    CREATE INDEX answer_position ON answer (position);
    """

  /// What care of the log needs.
  ///
  /// `gap` holds which events are gone behind the origin (`LogGaps`). Events that were kept for their type, or as those of
  /// streams, are not looked at again with those that runs need. `imported` holds which events came from another log, those that follow one another
  /// in one row. `salt` makes an event's checksum say nothing of an event that was erased, which events of before lack;
  /// `erased` holds which were, by which notice, and the checksum of each tombstone.
  private static let version8 = """
    CREATE TABLE gap (last INTEGER PRIMARY KEY, first INTEGER NOT NULL, checksum BLOB NOT NULL) STRICT;
    ALTER TABLE kept ADD COLUMN by_type INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX kept_needed ON kept (position) WHERE by_type = 0;
    ALTER TABLE event ADD COLUMN salt BLOB;
    CREATE TABLE erased (position INTEGER PRIMARY KEY, notice INTEGER NOT NULL, sum BLOB NOT NULL) STRICT;
    CREATE INDEX erased_notice ON erased (notice, position);
    CREATE TABLE imported (last INTEGER PRIMARY KEY, first INTEGER NOT NULL) STRICT;
    """

  /// The part of a query that says which states are meant, in the words by which their index is found.
  static func clause(_ states: Set<RunState>) -> String {
    for shared in [Set<RunState>([.running, .cancelling]), RunState.revivable]
    where states.isSubset(of: shared) {
      return "\(anyOf(shared)) AND \(anyOf(states))"
    }
    if states.count == 1, let state = states.first { return "state = \(state.rawValue)" }
    return anyOf(states)
  }

  static func anyOf(_ states: Set<RunState>) -> String {
    "state IN (\(states.map(\.rawValue).sorted().map(String.init).joined(separator: ", ")))"
  }

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    let versions = [version1, version2, version3, version4, version5, version6, version7, version8]
    for (index, sql) in versions.enumerated() {
      migrator.registerMigration("\(index + 1)") { database in
        try database.execute(sql: sql)
        Failpoint.migrating.pass()
      }
    }
    return migrator
  }

  /// Brings the database to the present version.
  static func migrate(_ queue: DatabaseQueue) throws {
    try queue.read(refuseNewer)
    try migrator.migrate(queue)
  }

  /// Refuses a database that cannot be read as it is, which a reader does not change.
  static func check(_ database: Database) throws {
    try refuseNewer(database)
    guard try migrator.hasCompletedMigrations(database) else {
      throw LogFailure(
        .olderSchema,
        "the log was written by an older version of Earshot; it is brought up to date by: earshot run"
      )
    }
  }

  /// The number of the version that a database has.
  static func version(_ database: Database) throws -> Int {
    try migrator.appliedMigrations(database).count
  }

  private static func refuseNewer(_ database: Database) throws {
    guard try migrator.hasBeenSuperseded(database) else { return }
    throw LogFailure(
      .newerSchema,
      "the log was written by a newer version of Earshot, which alone can use it"
    )
  }
}
