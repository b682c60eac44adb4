// SPDX-License-Identifier: Apache-2.0

public import DurableLog
import EventModel

/// What runs are told from their beginning that sets them apart.
extension Run {
  /// Whether it is only noted what the run would do.
  public var isShadow: Bool { StepResults.told(in: outputs)?["shadow"] == .bool(true) }

  /// The replay that the run belongs to; nil when it is of a new event.
  public var replay: String? { StepResults.told(in: outputs)?["replay"]?.string }
}
