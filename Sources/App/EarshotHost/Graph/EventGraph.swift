// SPDX-License-Identifier: Apache-2.0

/// What leads to what: types of events to rules, rules to actions and to the types of events that they emit.
///
/// Declared is what the rules say; the numbers are what the log shows to have happened.
public struct EventGraph: Sendable, Hashable {
  /// A place of the graph.
  public struct Node: Sendable, Hashable, Comparable {
    /// What it stands for.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      /// A type of events, or all types that begin alike.
      case type
      /// A rule.
      case rule
      /// An action of a plugin.
      case action
    }

    /// What it stands for.
    public let kind: Kind
    /// Its name.
    public let name: String

    /// Names a node.
    public init(_ kind: Kind, _ name: String) {
      self.kind = kind
      self.name = name
    }

    /// Orders nodes by kind and name.
    public static func < (left: Node, right: Node) -> Bool {
      (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
    }
  }

  /// That one place leads to another.
  public struct Edge: Sendable, Hashable {
    /// Whether the rules say so.
    public var isDeclared = false
    /// How often it has happened.
    public var count = 0
    /// How often what came of it has failed.
    public var failures = 0
    /// How long it took, in milliseconds: half of the times were shorter; nil when nothing was measured.
    public var median: Double?
    /// In which order it came about, among those of a tree.
    public var order = 0
  }

  /// The ends of an edge.
  public struct Ends: Sendable, Hashable, Comparable {
    /// Where it begins.
    public let from: Node
    /// Where it leads.
    public let to: Node

    /// Names an edge.
    public init(_ from: Node, _ to: Node) {
      self.from = from
      self.to = to
    }

    /// Orders edges by their beginnings.
    public static func < (left: Ends, right: Ends) -> Bool {
      left.from == right.from ? left.to < right.to : left.from < right.from
    }
  }

  /// The edges by their ends.
  public var edges: [Ends: Edge] = [:]
  /// The actions of each rule by the ids of its steps.
  var actions: [String: [String: String]] = [:]
  /// Whether the numbers mean anything: whether it was looked at what has happened.
  public var isObserved = false
  /// Whether it shows single events and runs, each of which has happened once.
  public var isTree = false

  /// Makes an empty graph.
  public init() {}

  /// The edges in order.
  public var sorted: [(ends: Ends, edge: Edge)] {
    edges.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The nodes in order.
  public var nodes: [Node] { Set(edges.keys.flatMap { [$0.from, $0.to] }).sorted() }

  mutating func declare(_ from: Node, _ to: Node) { edges[Ends(from, to), default: Edge()].isDeclared = true }
}
