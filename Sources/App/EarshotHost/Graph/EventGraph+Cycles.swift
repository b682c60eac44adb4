// SPDX-License-Identifier: Apache-2.0

extension EventGraph {
  /// The rules that trigger each other in a circle, as declared: of each knot one shortest way around, in order.
  public var cycles: [[Node]] {
    var next: [Node: [Node]] = [:]
    for (ends, edge) in sorted where edge.isDeclared { next[ends.from, default: []].append(ends.to) }
    var known: Set<Node> = []
    var found: [[Node]] = []
    for start in next.keys.sorted() where start.kind == .rule && !known.contains(start) {
      guard let way = Self.shortestWay(from: start, to: start, next) else { continue }
      found.append(way)
      known.formUnion(way)
    }
    return found
  }

  /// The shortest way that leads on from a node and ends at another, without the first node at its end; breadth first.
  private static func shortestWay(from start: Node, to end: Node, _ next: [Node: [Node]]) -> [Node]? {
    var before: [Node: Node] = [:]
    var front = [start]
    while !front.isEmpty {
      var reached: [Node] = []
      for node in front {
        for other in next[node] ?? [] {
          if other == end {
            var way = [node]
            while let earlier = before[way[0]] { way.insert(earlier, at: 0) }
            return way
          }
          guard other != start, before[other] == nil else { continue }
          before[other] = node
          reached.append(other)
        }
      }
      front = reached
    }
    return nil
  }
}
