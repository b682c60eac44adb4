// SPDX-License-Identifier: Apache-2.0

/// Theory of operation.
///
/// An aggregate's thing is a stream of events in the log, and its state is what these events make of the initial one. A
/// command is decided on by the state: it is refused, or it appends events, on the condition that the stream still ends
/// where that state does (optimistic concurrency). The log checks the condition in the transaction that stores the events,
/// so no two commands decide on the same state, whoever appends to the stream meanwhile. What was decided in vain is decided
/// anew, some times.
///
/// Commands of one host do not wait for each other's commits: each is decided on by the state that the ones before it will
/// have made, and expects their last event, not only as many events as these. If that one does not come to be, neither do
/// those that were built on it. So that this holds for refusals too, they pass through the log like all else.
///
/// Events are folded as they were recorded, without what the log adds when it gives them away: so the state is the same
/// before the commit and after it, and at every time.
///
/// States are kept in memory, those used last, and those of long streams on disk (`SnapshotFile`). Both are only a cache: a
/// state from the disk is used only if it was made by the same definition, and if the event that it ends with is still the one
/// at that place of the stream.
///
/// The states of an aggregate in a plugin are made by asking the plugin, which takes its time. So commands to one of its
/// things take turns there (`PluginCommands`), each until its commit, and every decision is built on what the log has; the same
/// condition of the log guards it against others. The plugin remembers nothing: each question holds the state so far and the
/// events since, so that a plugin that ends is asked again.
