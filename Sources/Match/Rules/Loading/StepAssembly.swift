// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Expressions
import PluginWire

/// Makes one list of the steps of a rule, which are written nested, and says for each which comes after it.
struct StepAssembly {
  private let rule: String
  private let catalog: any ActionCatalog
  /// The steps in the order in which they stand; nil for those of which something was reported.
  private var steps: [Step?] = []
  /// The ids that are taken.
  private(set) var ids: [String] = []
  /// How many steps there are that are made in turn.
  private var count = 0

  private init(rule: String, catalog: any ActionCatalog) {
    self.rule = rule
    self.catalog = catalog
  }

  /// The steps, if nothing was reported of any.
  static func steps(
    of drafts: [StepDraft],
    in rule: String,
    _ catalog: any ActionCatalog,
    _ reader: inout NodeReader
  ) -> (steps: [Step]?, ids: [String]) {
    var assembly = StepAssembly(rule: rule, catalog: catalog)
    let block = assembly.add(drafts, after: .init(), &reader)
    assembly.link(block.blocks, following: nil)
    let steps = assembly.steps.compactMap { $0 }
    return (steps.count == assembly.steps.count ? steps : nil, assembly.ids)
  }

  /// Where a step of a block stands, and the blocks in it.
  private struct Node {
    let index: Int
    let blocks: [[Node]]
  }

  /// Adds a block of steps, one after another; gives where they stand and what may be spoken of after them.
  private mutating func add(
    _ drafts: [StepDraft],
    after earlier: ExpressionEnvironment.EarlierSteps,
    _ reader: inout NodeReader
  ) -> (blocks: [Node], known: ExpressionEnvironment.EarlierSteps) {
    var (nodes, known): ([Node], _) = ([], earlier)
    for draft in drafts {
      let index = steps.count
      steps.append(nil)
      count += 1
      let id = draft.id ?? "step\(count)"
      if ids.contains(id) { reader.report(.duplicateID, "there is already a step '\(id)'", at: draft.range) }
      ids.append(id)
      var inner: [[Node]] = []
      var after = known
      for block in draft.blocks {
        let added = add(block, after: known, &reader)
        inner.append(added.blocks)
        after.join(added.known)
      }
      let firsts = inner.map { $0.first?.index ?? index }
      steps[index] = draft.step(id: id, of: rule, after: known, blocks: firsts, catalog, &reader)
      known = after
      known.join(.init(ids: [id], variables: draft.names))
      addCompensation(of: draft, id, at: index, after: known, &reader)
      nodes.append(Node(index: index, blocks: inner))
    }
    return (nodes, known)
  }

  /// Adds what takes a step back; it may speak of the step's own output.
  private mutating func addCompensation(
    of draft: StepDraft,
    _ id: String,
    at index: Int,
    after known: ExpressionEnvironment.EarlierSteps,
    _ reader: inout NodeReader
  ) {
    guard let undo = draft.compensation.first else { return }
    draft.checkCompensation(&reader)
    let name = id + ".compensate"
    ids.append(name)
    var step = undo.step(id: name, of: rule, after: known, blocks: [], catalog, &reader)
    step?.compensates = index
    let place = steps.count
    steps.append(step)
    steps[index]?.compensation = place
  }

  /// Says of each step of a block which comes after it: the next one of the block, or what comes after the block.
  private mutating func link(_ block: [Node], following: Int?) {
    for (place, node) in block.enumerated() {
      let next = place + 1 < block.count ? block[place + 1].index : following
      steps[node.index]?.following = next
      for inner in node.blocks { link(inner, following: next) }
    }
  }
}
