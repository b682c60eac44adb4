// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// Something that the shop does for an order.
protocol Deed: Action {
  /// What it is called, in the books and among the faults.
  static var name: String { get }
  /// The order that it is about.
  var order: String { get }
  /// What else the books say of it.
  var particulars: [JSONValue.Member] { get }
  /// The key under which the output names what has come of it; nil when nothing does.
  static var product: String? { get }
}

extension Deed {
  static var product: String? { nil }

  func run(_ context: ActionContext) async throws -> ActionResult {
    try await Fault(of: Self.name, in: context.settings)?.strike(context.attempt)
    let entry: [JSONValue.Member] = [.init("deed", .string(Self.name)), .init("order", .string(order))]
    let product = Self.product.map { JSONValue.Member($0, .string("\($0)-\(context.key.prefix(8))")) }
    let members = entry + particulars + [product].compactMap { $0 }
    try Books(context.settings)?.note(Self.name, .object(members), under: context.key)
    return product.map { .output(.object([$0])) } ?? .done
  }
}

/// Puts goods aside.
struct Reserve: Deed {
  static let name = "reserve"
  static let product: String? = "reservation"
  let order: String
  let item: String?
  var particulars: [JSONValue.Member] { item.map { [.init("item", .string($0))] } ?? [] }
}

/// Puts goods back.
struct Release: Deed {
  static let name = "release"
  let order: String
  let reservation: String
  var particulars: [JSONValue.Member] { [.init("reservation", .string(reservation))] }
}

/// Takes money.
struct Charge: Deed {
  static let name = "charge"
  static let product: String? = "payment"
  let order: String
  let amount: Double
  var particulars: [JSONValue.Member] { [.init("amount", .number("\(amount)"))] }
}

/// Gives money back.
struct Refund: Deed {
  static let name = "refund"
  let order: String
  let payment: String
  var particulars: [JSONValue.Member] { [.init("payment", .string(payment))] }
}

/// Sends a parcel.
struct Ship: Deed {
  static let name = "ship"
  static let product: String? = "shipment"
  let order: String
  let address: String?
  var particulars: [JSONValue.Member] { address.map { [.init("address", .string($0))] } ?? [] }
}

/// Stops a parcel.
struct Recall: Deed {
  static let name = "recall"
  let order: String
  let shipment: String
  var particulars: [JSONValue.Member] { [.init("shipment", .string(shipment))] }
}

/// Writes to a customer.
struct Mail: Deed {
  static let name = "mail"
  let order: String
  let text: String
  var particulars: [JSONValue.Member] { [.init("text", .string(text))] }
}

/// Counts something for the statistics.
struct Count: Deed {
  static let name = "count"
  let order: String
  let what: String
  let amount: Double?
  var particulars: [JSONValue.Member] {
    [.init("what", .string(what))] + (amount.map { [.init("amount", .number("\($0)"))] } ?? [])
  }
}
