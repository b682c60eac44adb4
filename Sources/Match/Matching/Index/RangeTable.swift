// SPDX-License-Identifier: Apache-2.0

/// Ranges of numbers, of which those are found that hold a value: an interval tree laid out in an array.
///
/// Ascending by lower bound; each node of the implicit balanced tree knows the greatest upper bound below it, so whole
/// halves that end too early are left out (Cormen et al., Introduction to Algorithms, section 14.3).
struct RangeTable: Sendable {
  private struct Node: Sendable {
    let lower: Double
    let upper: Double
    let number: Int
    var greatest = -Double.infinity
  }

  private var nodes: [Node]

  init(_ ranges: [(range: NumericRange, number: Int)]) {
    nodes = ranges.map { Node(lower: $0.range.lower, upper: $0.range.upper, number: $0.number) }
      .sorted { $0.lower < $1.lower }
    _ = measure(0, nodes.count)
  }

  private mutating func measure(_ start: Int, _ end: Int) -> Double {
    guard start < end else { return -.infinity }
    let middle = (start + end) / 2
    let greatest = max(nodes[middle].upper, measure(start, middle), measure(middle + 1, end))
    nodes[middle].greatest = greatest
    return greatest
  }

  /// Calls `body` with the number of each range that a value lies in, its bounds included.
  func forEach(_ value: Double, _ body: (Int) -> Void) { visit(value, 0, nodes.count, body) }

  private func visit(_ value: Double, _ start: Int, _ end: Int, _ body: (Int) -> Void) {
    guard start < end else { return }
    let middle = (start + end) / 2
    guard nodes[middle].greatest >= value else { return }
    visit(value, start, middle, body)
    guard nodes[middle].lower <= value else { return }
    if nodes[middle].upper >= value { body(nodes[middle].number) }
    visit(value, middle + 1, end, body)
  }
}
