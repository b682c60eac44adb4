// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// A rule that looks at more than one event, or at time, keeps a window for each key: the events that it has taken in and
// not yet reacted to. What a window does is decided by its `TimeOperator`, a pure machine: it is told of an event or that
// its deadline has come, and says what fires. Whoever runs it stores windows and finds those whose deadline has come;
// nothing here waits, reads a clock or knows where a window is kept.
//
// These hold for all operators, and everything else follows from them:
//
// - Time is the log's steady time, which never goes back and does not follow settings of the wall clock. The time of an
//   event is when the log took it, so a late event counts from its arrival, and equal times keep the log's order.
// - A span of length d covers its beginning, and all times up to but without d later. So what comes exactly at the end
//   comes too late.
// - A window whose deadline has come is closed before its key hears anything further. So it does not matter how late the
//   deadline is noticed, and a window whose deadline passed while no host ran closes as it would have.
// - What fires is consumed: the events of a reaction take no part in another one of the same rule and trigger.
//
// `Spans` react to events of one kind: debounce, throttle, collect, dedupe. `Joins` are triggers over several events:
// sequence, all, threshold, absent.
