// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// A view is a table that is folded from the events of the log: a cache that can be thrown away and made again. `Fold` says
// what an event makes of a row; it is a pure function of the view's definition, the row before and the event, and knows
// nothing of SQL. `Storage` keeps the rows in real tables of a database of their own beside the log, with one row of
// bookkeeping for each table: how far it has come, and what could not be folded.
//
// `Following` is one thread that owns the only connection that writes. It sleeps until the log has committed something,
// reads the log page by page, folds many events over the rows that they touch in memory, and writes these rows and the
// bookkeeping in one transaction. So each table is exactly what the events up to its position make of it, whenever the
// process ends. Nothing is synced before a checkpoint: what a power cut takes from the end is folded again.
//
// A table whose definition has changed, or that is no longer of this log, is built anew beside the old one, which goes on
// answering, and takes its place in one transaction. A database that cannot be used is removed and made anew.
//
// `Asking` answers questions in SQL through connections of their own that can do nothing but read views, and for a limited
// time; and what a view was at an earlier position, by folding the log again up to there, away from the tables.
