// SPDX-License-Identifier: Apache-2.0

/// A fast generator whose sequence is fixed by its seed (SplitMix64; Steele, Lea and Flood 2014).
///
/// For jitter and event ids, where a run must be repeatable in a simulation. Not for secrets.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Makes a generator; equal seeds give equal sequences.
  public init(seed: UInt64) { state = seed }

  /// Makes a generator with a seed from the system's randomness.
  public init() {
    var system = SystemRandomNumberGenerator()
    state = system.next()
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
