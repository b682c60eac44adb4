// SPDX-License-Identifier: Apache-2.0

import Diagnostics
public import EventModel

/// A graph in the languages of those who draw it.
public struct GraphText {
  private let graph: EventGraph
  private let nodes: [EventGraph.Node]
  private let numbers: [EventGraph.Node: Int]

  /// Writes a graph down.
  public init(_ graph: EventGraph) {
    self.graph = graph
    nodes = graph.nodes
    numbers = Dictionary(nodes.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  /// In the language of Graphviz.
  public var dot: String {
    let shapes: [EventGraph.Node.Kind: String] = [.type: "ellipse", .rule: "box", .action: "component"]
    let places = nodes.enumerated().map { number, node in
      "  n\(number) [shape=\(shapes[node.kind] ?? "ellipse"), label=\(Self.quoted(node.name))];"
    }
    let edges = graph.sorted.map { ends, edge in
      var attributes = ["label=\(Self.quoted(label(edge)))"]
      if isUnused(edge) { attributes.append("style=dashed, color=gray, fontcolor=gray") }
      if !edge.isDeclared || edge.failures > 0 { attributes.append("color=red") }
      return
        "  n\(numbers[ends.from] ?? 0) -> n\(numbers[ends.to] ?? 0) [\(attributes.joined(separator: ", "))];"
    }
    let head = ["digraph earshot {", "  rankdir=LR;", "  node [fontname=\"sans-serif\", fontsize=11];"]
    return (head + places + edges + ["}"]).joined(separator: "\n")
  }

  /// As a flowchart of Mermaid.
  public var mermaid: String {
    let places = nodes.enumerated().map { number, node in
      let name = Self.mermaidText(node.name)
      switch node.kind {
      case .type: return "  n\(number)([\(name)])"
      case .rule: return "  n\(number)[\(name)]"
      case .action: return "  n\(number)[[\(name)]]"
      }
    }
    var styles: [String] = []
    let edges = graph.sorted.enumerated().map { index, item in
      let (ends, edge) = item
      if !edge.isDeclared || edge.failures > 0 { styles.append("  linkStyle \(index) stroke:red") }
      let text = label(edge)
      let arrow = isUnused(edge) ? "-.->" : "-->"
      let middle = text.isEmpty ? arrow : "\(arrow)|\(Self.mermaidText(text))|"
      return "  n\(numbers[ends.from] ?? 0) \(middle) n\(numbers[ends.to] ?? 0)"
    }
    return (["flowchart LR"] + places + edges + styles).joined(separator: "\n")
  }

  /// A tree as lines, each node behind the one that led to it.
  public var tree: String {
    var children: [EventGraph.Node: [(order: Int, node: EventGraph.Node, label: String)]] = [:]
    var inner: Set<EventGraph.Node> = []
    for (ends, edge) in graph.sorted {
      children[ends.from, default: []].append((edge.order, ends.to, label(edge)))
      inner.insert(ends.to)
    }
    var lines: [String] = []
    func write(_ node: EventGraph.Node, _ label: String, _ head: String, _ rest: String) {
      lines.append(head + TerminalText.escaped(node.name) + (label.isEmpty ? "" : "  \(label)"))
      let next = (children[node] ?? []).sorted { $0.order < $1.order }
      for (index, child) in next.enumerated() {
        let isLast = index == next.count - 1
        write(child.node, child.label, rest + (isLast ? "└─ " : "├─ "), rest + (isLast ? "   " : "│  "))
      }
    }
    for root in nodes where !inner.contains(root) { write(root, "", "", "") }
    return lines.joined(separator: "\n")
  }

  /// For programs.
  public var json: JSONValue {
    let edges = graph.sorted.map { ends, edge -> JSONValue in
      var members: [JSONValue.Member] = [
        .init("from", Self.json(ends.from)), .init("to", Self.json(ends.to)),
        .init("declared", .bool(edge.isDeclared)),
      ]
      if graph.isObserved {
        members += [.init("count", .number("\(edge.count)")), .init("failures", .number("\(edge.failures)"))]
      }
      if let median = edge.median { members.append(.init("median_ms", .number(Self.rounded(median)))) }
      return .object(members)
    }
    return [
      "nodes": .array(nodes.map(Self.json)), "edges": .array(edges),
      "cycles": .array(graph.cycles.map { .array($0.map(Self.json)) }),
    ]
  }

  /// What there is to say of an edge, in short.
  public func label(_ edge: EventGraph.Edge) -> String {
    if graph.isTree { return edge.median.map { "\(Self.rounded($0)) ms" } ?? "" }
    guard graph.isObserved else { return "" }
    var parts = ["\(edge.count)"]
    if edge.failures > 0 { parts.append("\(edge.failures) failed") }
    if let median = edge.median { parts.append("\(Self.rounded(median)) ms") }
    if !edge.isDeclared { parts.append("not declared") }
    return parts.joined(separator: ", ")
  }

  private func isUnused(_ edge: EventGraph.Edge) -> Bool { graph.isObserved && edge.count == 0 }

  private static func json(_ node: EventGraph.Node) -> JSONValue {
    ["kind": .string(node.kind.rawValue), "name": .string(node.name)]
  }

  private static func rounded(_ milliseconds: Double) -> String {
    let text = "\((milliseconds * 10).rounded() / 10)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// A text between quotation marks; what could end it is escaped, and so are line breaks.
  private static func quoted(_ text: String) -> String {
    let escaped = text.flatMap { character -> String in
      switch character {
      case "\"", "\\": "\\\(character)"
      case _ where character.isNewline: " "
      default: "\(character)"
      }
    }
    return "\"\(String(escaped))\""
  }

  /// A text as Mermaid takes it between quotation marks: whatever it may take for its own is a number.
  private static func mermaidText(_ text: String) -> String {
    let safe = text.unicodeScalars.map { scalar -> String in
      let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      return isPlain || " .-_/:,()*".unicodeScalars.contains(scalar) ? "\(scalar)" : "#\(scalar.value);"
    }
    return "\"\(safe.joined())\""
  }
}
