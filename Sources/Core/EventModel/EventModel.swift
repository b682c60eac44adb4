// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// An event enters Earshot as JSON text and stays JSON text: it is scanned once into a `JSONTape` (a flat
// array of nodes that point into the text), checked against CloudEvents 1.0, and rewritten once into its
// canonical form in an `EventBatch`, one buffer that holds many events. The log stores the canonical bytes,
// the matcher scans them again into a tape of its own, and a plugin receives them as they are. Nothing in
// between turns an event into objects. `CloudEvent` is the convenient value form for the places where
// convenience matters more than speed: the command line, tests, the host's own events.
//
// This module is pure: it reads no clock and does no input or output. Time and randomness come in through
// `HostClock` and `EventIDGenerator`.

/// The fixed quantities of events.
public enum EventFormat {
  /// The CloudEvents specification version that every event carries.
  public static let specificationVersion = "1.0"

  /// The number of causal steps after which a chain of events is taken for a loop.
  public static let maximumHops = 16
}
