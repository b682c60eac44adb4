// SPDX-License-Identifier: Apache-2.0

/// What an expression may cost, before it is ever evaluated.
///
/// A list of unknown length is taken for one of thirty elements. That is a guess which tells walks within walks within
/// walks from ordinary expressions; the budget of an evaluation bounds what really happens.
struct CostEstimate {
  private static let assumedLength = 30

  /// Units of about one operation.
  let cost: Int
  /// The walk that costs most, if there is one.
  private let costliest: Range<Int>?

  init(_ syntax: Syntax) {
    var costliest: (range: Range<Int>, cost: Int)?
    cost = Self.cost(of: syntax, &costliest)
    self.costliest = costliest?.range
  }

  func error(within budget: Int) -> ExpressionError? {
    guard cost > budget, let costliest else { return nil }
    return ExpressionError(
      .limit,
      "the expression could cost \(cost) operations, and \(budget) are allowed",
      at: costliest,
      help: "walks within walks multiply; look at fewer elements"
    )
  }

  private static func cost(of syntax: Syntax, _ costliest: inout (range: Range<Int>, cost: Int)?) -> Int {
    switch syntax.kind {
    case .literal, .name, .message: return 1
    case .select(let operand, _, _): return 1 + cost(of: operand, &costliest)
    case .index(let operand, let index, _): return sum([operand, index], &costliest)
    case .call(let target, _, let arguments): return sum((target.map { [$0] } ?? []) + arguments, &costliest)
    case .logical(_, let parts): return sum(parts, &costliest)
    case .conditional(let condition, let first, let second):
      return cost(of: condition, &costliest) + max(cost(of: first, &costliest), cost(of: second, &costliest))
    case .list(let elements): return sum(elements.map(\.value), &costliest)
    case .map(let entries): return sum(entries.flatMap { [$0.key, $0.value] }, &costliest)
    case .bind(_, let value, let body): return sum([value, body], &costliest)
    case .optionalMap(let target, _, let body, _): return sum([target, body], &costliest)
    case .comprehension(let walk):
      let step = sum([walk.filter, walk.body].compactMap { $0 }, &costliest)
      let (product, overflows) = step.multipliedReportingOverflow(by: length(of: walk.range))
      let total = overflows ? Int.max / 2 : min(product, Int.max / 2)
      if total > costliest?.cost ?? 0 { costliest = (syntax.range, total) }
      return min(Int.max / 2, total + cost(of: walk.range, &costliest))
    }
  }

  private static func sum(_ parts: [Syntax], _ costliest: inout (range: Range<Int>, cost: Int)?) -> Int {
    parts.reduce(1) { min(Int.max / 4, $0) + min(Int.max / 4, cost(of: $1, &costliest)) }
  }

  private static func length(of range: Syntax) -> Int {
    switch range.kind {
    case .list(let elements): elements.count
    case .map(let entries): entries.count
    default: assumedLength
    }
  }
}
