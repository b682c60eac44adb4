// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// How many pieces of one item the shop has, and how many of them are promised; never more than there are.
struct Stock: Aggregate {
  var there = 0
  var reserved: [String: Int] = [:]

  /// Pieces; few enough that no sum of them is too great for a number.
  struct Quantity: Codable { let amount: Int32 }

  /// Pieces for an order.
  struct Share: Codable {
    let order: String
    let amount: Int32
  }

  /// Whose pieces.
  struct Order: Codable { let order: String }

  static let events = [
    event("stock.received", Quantity.self) { $0.there += Int($1.amount) },
    event("stock.reserved", Share.self) { $0.reserved[$1.order, default: 0] += Int($1.amount) },
    event("stock.released", Order.self) { $0.reserved[$1.order] = nil },
  ]

  static let commands = [
    command("Receive", Quantity.self, summary: "Takes pieces in.") { _, delivery in
      guard delivery.amount > 0 else { throw Refusal("a delivery has at least one piece") }
      return [try CloudEvent("stock.received", delivery)]
    },
    command("Reserve", Share.self, summary: "Puts pieces aside for an order.", refused: "stock.refused") {
      guard $1.amount > 0 else { throw Refusal("a share has at least one piece") }
      guard $1.amount <= $0.free else { throw Refusal("only \($0.free) of \($0.there) are free") }
      return [try CloudEvent("stock.reserved", $1)]
    },
    command("Release", Order.self, summary: "Puts the pieces of an order back.") { stock, release in
      guard stock.reserved[release.order] != nil else {
        throw Refusal("nothing is put aside for \(release.order)")
      }
      return [try CloudEvent("stock.released", release)]
    },
  ]

  /// How many pieces are promised to nobody.
  private var free: Int { there - reserved.values.reduce(0, +) }
}
