// SPDX-License-Identifier: Apache-2.0

/// The values of the variables of an evaluation, in the order of the environment's.
///
/// Never changes; an object, so that an evaluation holds it by one reference.
final class Variables: Sendable {
  let values: [Value]
  /// What the first variable looks into, which is nearly always the event.
  let event: JSONContent?

  init(_ values: [Value]) {
    self.values = values
    if case .json(let json)? = values.first, json.index == 0 { event = json.content } else { event = nil }
  }
}
