// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// Something that goes wrong because the settings say so.
///
///     faults:
///       charge: { message: the card is declined, for_good: true }
///       ship: { message: no courier is free, times: 2 }
///       mail: { pause: 500 }
///
/// `times` is how many attempts fail, without it all of them; `for_good` means that another attempt makes no sense;
/// `pause` is how many milliseconds pass before anything happens.
struct Fault {
  private let message: String?
  private let times: Int
  private let isForGood: Bool
  private let pause: Int

  /// The fault of an action; nil when there is none.
  init?(of action: String, in settings: JSONValue) throws {
    guard let fault = settings["faults"]?[action] else { return nil }
    guard case .object(let members) = fault else {
      throw ActionError.fail("the fault of '\(action)' must be an object")
    }
    let known = ["message", "times", "for_good", "pause"]
    if let other = members.first(where: { !known.contains($0.key) }) {
      throw ActionError.fail("a fault has no '\(other.key)'; it has \(known.joined(separator: ", "))")
    }
    message = fault["message"]?.string
    times = fault["times"]?.int ?? .max
    isForGood = fault["for_good"] == true
    pause = fault["pause"]?.int ?? 0
  }

  /// Lets an attempt go wrong, if it is among those that do.
  func strike(_ attempt: Int) async throws {
    if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
    guard let message, attempt <= times else { return }
    throw isForGood ? ActionError.fail(message) : ActionError.retry(message)
  }
}
