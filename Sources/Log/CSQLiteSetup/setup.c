// SPDX-License-Identifier: Apache-2.0

#include "CSQLiteSetup.h"

#include <sqlite3.h>

int earshot_sqlite_stop_counting_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
