// SPDX-License-Identifier: Apache-2.0

/// What the files say of the host itself.
public struct HostSettings: Sendable, Hashable {
  /// How long the events of some types are kept.
  public struct TypeAge: Sendable, Hashable {
    /// The types.
    public let types: TypePattern
    /// How long; nil for ever.
    public let keep: Duration?

    /// Says how long events of some types are kept.
    public init(_ types: TypePattern, keep: Duration?) {
      self.types = types
      self.keep = keep
    }
  }

  /// How long events are kept; nil for ever.
  public var keep: Duration?
  /// How long those of some types are kept; the most exact pattern decides.
  public var types: [TypeAge] = []
  /// How large the log may become before its oldest events are forgotten, in bytes; nil for any size.
  public var maxSize: Int?

  /// Settings of which no file says anything.
  public init() {}

  /// How long events of a type are kept; nil for ever.
  public func keep(ofType type: String) -> Duration? {
    let matching = types.filter { $0.types.matches(type) }
    let best = matching.max { left, right in
      (left.types.isPrefix ? 0 : 1, left.types.text.utf8.count)
        < (right.types.isPrefix ? 0 : 1, right.types.text.utf8.count)
    }
    return best.map(\.keep) ?? keep
  }
}
