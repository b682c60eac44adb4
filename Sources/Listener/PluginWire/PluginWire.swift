// SPDX-License-Identifier: Apache-2.0

/// Theory of operation.
///
/// Host and plugin speak newline-delimited JSON: one object a line, UTF-8, no line break inside. The host writes
/// to the plugin's standard input and reads its standard output; standard error is free text for the host's
/// log. Every object has a `kind`; what a side does not know it ignores, so either may be newer than the other.
///
///     plugin                                   host
///     {"kind":"hello", protocol, name, …}  →
///                                          ←   {"kind":"start", settings, concurrency}
///                                          ←   {"kind":"run", id, action, with, event, …}   (pipelined)
///     {"kind":"progress", id}              →                                               (extends the lease)
///     {"kind":"ack"|"retry"|"fail", id}    →
///                                          ←   {"kind":"cancel", id}
///                                          ←   {"kind":"stop"}                              (finish, then exit)
///
/// `hello` comes first and at once. The host has at most `concurrency` runs open. The end of standard input means
/// that the host is gone: a plugin ends its work and itself. The full account for authors of plugins in other
/// languages is in `Docs/PluginWire.md`.
public enum PluginWire {
  /// The version of the protocol that this module speaks.
  public static let version = 1

  /// The longest line that either side sends or accepts, in bytes: an event, its parameters and some room.
  public static let maximumLine = 4 << 20
}
