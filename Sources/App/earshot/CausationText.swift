// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// The tree of causes of an event as lines.
struct CausationText {
  /// How deep the tree is shown.
  private static let greatestDepth = 64

  private let answer: JSONValue
  private var lines: [String] = []
  private var isCut = false

  init(_ answer: JSONValue) {
    self.answer = answer
    write()
  }

  var text: String {
    let isCut = self.isCut || answer["cut"] != nil
    return (lines + (isCut ? ["… there is more than is shown"] : [])).joined(separator: "\n")
  }

  /// Writes the causes, each below the one before it, and the event with all that followed at their end.
  private mutating func write() {
    var head = ""
    func indented(_ line: String) -> String { head.isEmpty ? line : head + "└─ " + line }
    for cause in Self.list(answer["causes"]) {
      lines.append(indented(Self.label(cause)))
      head += head.isEmpty ? " " : "   "
      guard let run = cause["run"] else { continue }
      lines.append(indented(Self.label(run)))
      head += "   "
    }
    guard let tree = answer["tree"] else { return }
    lines.append(indented(Self.label(tree) + (head.isEmpty ? "" : "  ◀")))
    let children = Self.children(tree)
    write(children, head.isEmpty ? "" : head + "   ", depth: 1)
    if children.isEmpty { lines.append((head.isEmpty ? "" : head + "   ") + "no rule reacted to it") }
  }

  private mutating func write(_ nodes: [JSONValue], _ head: String, depth: Int) {
    guard depth < Self.greatestDepth else {
      isCut = isCut || !nodes.isEmpty
      return
    }
    for (index, node) in nodes.enumerated() {
      let isLast = index == nodes.count - 1
      lines.append(head + (isLast ? "└─ " : "├─ ") + Self.label(node))
      write(Self.children(node), head + (isLast ? "   " : "│  "), depth: depth + 1)
    }
  }

  private static func children(_ node: JSONValue) -> [JSONValue] {
    ["runs", "steps", "branches", "emitted", "followed"].flatMap { list(node[$0]) }
  }

  private static func list(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let elements)? = value { elements } else { [] }
  }

  /// What there is to say of an event, a run or a step, on a line.
  private static func label(_ node: JSONValue) -> String {
    let latency = node["latency_ms"].map { "  \($0.json) ms" } ?? ""
    let words: String
    if let run = node["run"], let rule = node["rule"]?.string {
      let step = node["step"].map { " at step \($0.string ?? $0.json)" } ?? ""
      let attempts = node["attempts"]?.int.flatMap { $0 > 1 ? ", \($0) attempts" : nil } ?? ""
      let failure = node["failure"]?.string.map { ": " + RunAccount.cut($0) } ?? ""
      words = "\(rule), run \(run.json): \(node["state"]?.string ?? "")\(step)\(attempts)\(latency)\(failure)"
    } else if let step = node["step"]?.string {
      let attempt = node["attempt"]?.int.flatMap { $0 > 1 ? ", attempt \($0)" : nil } ?? ""
      words = "\(step): \(node["outcome"]?.string ?? "")\(attempt)\(latency)"
    } else if node["missing"] != nil {
      words = "an event that is not in the log (id \(node["id"]?.string ?? ""))"
    } else {
      words = "\(node["type"]?.string ?? "") #\(node["position"]?.json ?? "")\(latency)"
    }
    return TerminalText.escaped(words)
  }
}
