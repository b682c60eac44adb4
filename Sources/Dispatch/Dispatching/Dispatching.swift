// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// What follows from events is decided inside the transaction that stores them: `Routing` names the rules that an event
// triggers, and each becomes a run. `Lanes` keep, for each listener, its free credit and the runs that wait for it; a
// run that finds credit is stored as begun, so its first attempt is counted by the same commit. Memory holds a bounded
// window of waiting runs; the rest stays in the log and is read when the window runs low. `Steps` say what a run's
// current step asks for and what an attempt's end means for the run. `Retry` says when a failed attempt is made again.
