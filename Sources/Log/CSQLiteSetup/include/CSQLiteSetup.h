// SPDX-License-Identifier: Apache-2.0

#ifndef EARSHOT_CSQLITE_SETUP_H
#define EARSHOT_CSQLITE_SETUP_H

/// Stops SQLite from keeping count of its memory, which takes a lock for each piece of it.
///
/// Has an effect only before SQLite is used for the first time. Gives SQLite's status. A shim, since `sqlite3_config` takes
/// a variable number of arguments, which Swift cannot give.
int earshot_sqlite_stop_counting_memory(void);

#endif
