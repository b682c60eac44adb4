// SPDX-License-Identifier: Apache-2.0

/// What the files say of the host itself.
public struct HostSettings: Sendable, Hashable {
  /// How long events are kept; nil for ever.
  public var keep: Duration?
  /// How large the log may become before its oldest events are forgotten, in bytes; nil for any size.
  public var maxSize: Int?

  /// Settings of which no file says anything.
  public init() {}
}
