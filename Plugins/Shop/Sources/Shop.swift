// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// A shop to try rules with: it takes money and sends parcels, but only on paper, and its faults can be switched on.
///
/// Settings: `books`, an absolute folder in which every deed is a file of its own (`Books`), without which none is noted;
/// and `faults`, by the names of actions (`Fault`):
///
///     listeners:
///       shop: { with: { books: /var/tmp/shop, faults: { ship: { message: no courier is free, times: 2 } } } }
///
/// Everything is done once for each key, however often it is asked for. How many pieces there are is an aggregate (`Stock`).
@main struct Shop: Listener {
  static let actions = [
    action("reserve", Reserve.self, summary: "Puts goods aside.", effects: .idempotent),
    action("release", Release.self, summary: "Puts goods back.", effects: .idempotent),
    action("charge", Charge.self, summary: "Takes money.", effects: .idempotent),
    action("refund", Refund.self, summary: "Gives money back.", effects: .idempotent),
    action("ship", Ship.self, summary: "Sends a parcel.", effects: .idempotent),
    action("recall", Recall.self, summary: "Stops a parcel.", effects: .idempotent),
    action("mail", Mail.self, summary: "Writes to a customer.", effects: .idempotent),
    action("count", Count.self, summary: "Counts something for the statistics.", effects: .idempotent),
  ]

  static let aggregates = [aggregate("stock", Stock.self, summary: "The pieces of an item.")]
}
