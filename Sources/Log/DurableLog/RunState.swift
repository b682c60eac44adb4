// SPDX-License-Identifier: Apache-2.0

/// Where a run stands.
public enum RunState: UInt8, Sendable, Hashable, CaseIterable {
  /// The next attempt has not begun.
  case pending
  /// An attempt has begun and its outcome is not known; after a restart that attempt counts as interrupted.
  case running
  /// The last attempt failed and the next one is due at `due`.
  case waiting
  /// Every step succeeded.
  case done
  /// Given up; a person may retry or drop it.
  case dead
  /// Was dead and has been dropped by a person.
  case dropped
  /// Waits until the runs before it at its gate have ended.
  case queued
  /// Waits behind an earlier run that has its turn.
  case behind
  /// Is to be cancelled, and an attempt that has begun has not ended yet.
  case cancelling
  /// Was cancelled before its last step succeeded.
  case cancelled
  /// An attempt has begun whose effect cannot be taken back, and nobody knows whether it had it; a person decides.
  case uncertain
  /// Has failed, and what it had done was taken back.
  case compensated
  /// Has failed, and what it had done could not be taken back; a person may retry or drop it.
  case stuck
  /// Is a branch that has failed; the run that waits for it says what follows.
  case failed

  /// The states in which a person decides whether the run is tried again or given up.
  public static let revivable: Set<RunState> = [.dead, .uncertain, .stuck]

  /// The states in which a run has ended without success, and may be told to go on from some step.
  public static let resumable: Set<RunState> = [
    .dead, .dropped, .cancelled, .uncertain, .compensated, .stuck, .failed,
  ]

  /// Whether the run has ended in a way in which it may have something to take back.
  var isUndoable: Bool { self == .done || self == .failed || self == .cancelled || self == .dropped }

  /// Whether the run will change any further by itself.
  public var isOpen: Bool { holdsGate || self == .queued }

  /// Whether a run that waits for this one goes on waiting: it will change, by itself or by a person.
  public var isUnderWay: Bool { isOpen || self == .uncertain || self == .stuck }

  /// Whether the run keeps later ones of its gate waiting.
  public var holdsGate: Bool { holdsTurn || self == .behind }

  /// Whether the run keeps later ones of its turn waiting.
  public var holdsTurn: Bool {
    switch self {
    case .pending, .running, .waiting, .cancelling: true
    case .done, .dead, .dropped, .queued, .behind, .cancelled, .uncertain, .compensated, .stuck, .failed:
      false
    }
  }
}
