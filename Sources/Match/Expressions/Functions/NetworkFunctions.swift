// SPDX-License-Identifier: Apache-2.0

/// The network extension (cel-go, ext/network.go): addresses and ranges of IP.
extension FunctionTable {
  static let network: [Function] = [
    .unary("ip", [.init([.string], .address)]) { (value) throws(EvaluationError) in
      .address(try NetworkAddress(try Arguments("ip", [value]).text(0)))
    },
    .unary("cidr", [.init([.string], .network)]) { (value) throws(EvaluationError) in
      .network(try NetworkRange(try Arguments("cidr", [value]).text(0)))
    },
    .unary("isIP", [.init([.string], .bool)]) { (value) throws(EvaluationError) in
      let text = try Arguments("isIP", [value]).text(0)
      return .bool((try? NetworkAddress(text)) != nil)
    },
    .unary("isCIDR", [.init([.string], .bool)]) { (value) throws(EvaluationError) in
      let text = try Arguments("isCIDR", [value]).text(0)
      return .bool((try? NetworkRange(text)) != nil)
    },
    .unary("ip.isCanonical", [.init([.string], .bool)]) { (value) throws(EvaluationError) in
      let text = try Arguments("ip.isCanonical", [value]).text(0)
      return .bool(Text(try NetworkAddress(text).text) == text)
    },
    address("family", .int) { .int($0.isVersion4 ? 4 : 6) },
    address("isUnspecified", .bool) { .bool($0.isUnspecified) },
    address("isLoopback", .bool) { .bool($0.isLoopback) },
    address("isGlobalUnicast", .bool) { .bool($0.isGlobalUnicast) },
    address("isLinkLocalUnicast", .bool) { .bool($0.isLinkLocalUnicast) },
    address("isLinkLocalMulticast", .bool) { .bool($0.isLinkLocalMulticast) },
    range("ip", .address) { .address($0.address) }, range("masked", .network) { .network($0.masked) },
    range("prefixLength", .int) { .int(Int64($0.bits)) },
    range("isMask", .bool) { .bool($0.masked.address == $0.address) },
    containment("containsIP", .address) { (range, other) throws(EvaluationError) in
      switch other {
      case .address(let address): range.contains(address)
      case .string(let text): range.contains(try NetworkAddress(text))
      default: throw .noOverload("containsIP", .network(range), other)
      }
    },
    containment("containsCIDR", .network) { (range, other) throws(EvaluationError) in
      switch other {
      case .network(let network): range.contains(network)
      case .string(let text): range.contains(try NetworkRange(text))
      default: throw .noOverload("containsCIDR", .network(range), other)
      }
    },
  ]

  private static func address(
    _ name: String,
    _ result: ExpressionType,
    _ body: @escaping @Sendable (NetworkAddress) -> Value
  ) -> Function {
    .method(name, [.address], result) { (values) throws(EvaluationError) in
      body(try Arguments(name, values).address(0))
    }
  }

  private static func range(
    _ name: String,
    _ result: ExpressionType,
    _ body: @escaping @Sendable (NetworkRange) -> Value
  ) -> Function {
    .method(name, [.network], result) { (values) throws(EvaluationError) in
      body(try Arguments(name, values).network(0))
    }
  }

  private static func containment(
    _ name: String,
    _ other: ExpressionType,
    _ body: @escaping @Sendable (NetworkRange, Value) throws(EvaluationError) -> Bool
  ) -> Function {
    .binary(name, [.init([.network, other], .bool), .init([.network, .string], .bool)], isMember: true) {
      (range, other) throws(EvaluationError) in
      .bool(try body(try Arguments(name, [range, other]).network(0), other))
    }
  }
}
