// SPDX-License-Identifier: Apache-2.0

public import PluginWire

// Theory of operation.
//
// What follows from events is decided inside the transaction that stores them: `Routing` names the rules that an event
// triggers, and leads it through their parts (`RuleFlow`): condition, windows, mode. What comes out is a run. `Lanes` keep, for each listener, its free credit and the runs that wait for it; a
// run that finds credit is stored as begun, so its first attempt is counted by the same commit. Memory holds a bounded
// window of waiting runs, with their events (`WaitingWork`); the rest stays in the log and is read when the window runs
// low. `Steps` say what a run's current step asks for and what an attempt's end means for the run. `Retry` says when a
// failed attempt is made again.
//
// When the steady time comes at which a run or a window is due, an alarm wakes the dispatcher, which lets runs go on and
// the log close windows; between that nothing wakes. What is due stays in the log: only the next time is known here.
//
// `Dispatcher` joins these to the log and the listeners. Its work is done on one serial queue, in batches: a commit with
// new runs, the outcomes of attempts, and due retries each cross to it once. What ends attempts and what claims waiting
// runs goes into one change of the log, so that a busy listener costs one commit for each round of its window.
//
// A run may wait for an event (`Awaits`): its row is noted under a site and a key, and whoever stores an event that comes in at
// the site looks for the runs of its key in the same transaction. How each step of a run of several ended is written with
// the change of the run, as its history.
//
// What is done side by side, for each item of a list, or by another rule are branches: runs of their own, made in the commit in
// which the run begins to wait for them (`BranchWork`). The log counts them and lets the run go on when all have ended; then
// the dispatcher reads what came of them. Each takes back by itself what it has done.
//
// Nobody knows how an attempt ended that was under way when the host or its plugin ended, or that took too long. An action
// that may be repeated is, under the same key; with any other the rule says what then, and by default a person is asked.
// An attempt is committed before it begins, and so is how often the host has ended during one: a step that may
// be why is tried alone (`Suspicion`) and, if the host ends again, given up.

/// Where attempts are made.
///
/// Safe to use from any thread.
public protocol AttemptRunner: Sendable {
  /// Begins attempts of one listener; the outcome of each is told to the dispatcher once, under its ticket.
  ///
  /// Must not block.
  func begin(_ attempts: [PluginRun], by listener: String)

  /// Asks for the end of attempts; the outcome of each is told all the same, once it has ended.
  ///
  /// Must not block.
  func cancel(_ tickets: [UInt64], by listener: String)
}

/// How an attempt ended, under the ticket that the dispatcher gave.
public typealias AttemptOutcome = (ticket: UInt64, reply: RunReply)
