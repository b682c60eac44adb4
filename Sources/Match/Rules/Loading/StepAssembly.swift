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
    assembly.link(block.nodes, following: nil)
    let steps = assembly.steps.compactMap { $0 }
    return (steps.count == assembly.steps.count ? steps : nil, assembly.ids)
  }

  /// Where a step of a block stands, and the blocks in it.
  private struct Node {
    let index: Int
    let blocks: [[Node]]
    /// Whether each block is made by a branch, which ends with it.
    let isFork: Bool
  }

  /// Adds a block of steps, one after another; gives where they stand and what may be spoken of after them.
  private mutating func add(
    _ drafts: [StepDraft],
    after earlier: ExpressionEnvironment.EarlierSteps,
    _ reader: inout NodeReader
  ) -> (nodes: [Node], known: ExpressionEnvironment.EarlierSteps) {
    var (nodes, known): ([Node], _) = ([], earlier)
    for draft in drafts {
      let index = steps.count
      steps.append(nil)
      count += 1
      let id = draft.id ?? "step\(count)"
      if ids.contains(id) { reader.report(.duplicateID, "there is already a step '\(id)'", at: draft.range) }
      ids.append(id)
      var inner: [[Node]] = []
      var blocks: [Range<Int>] = []
      var after = known
      for block in draft.blocks {
        let first = steps.count
        let added = add(block, after: known.inside(isEach: draft.isEach), &reader)
        inner.append(added.nodes)
        blocks.append(first..<steps.count)
        if !draft.isEach { after.join(added.known) }
      }
      steps[index] = draft.step(id: id, of: rule, after: known, blocks: blocks, catalog, &reader)
      known = after
      known.join(.init(ids: [id], variables: draft.names))
      addCompensation(of: draft, id, at: index, after: known, &reader)
      nodes.append(Node(index: index, blocks: inner, isFork: draft.isFork))
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
    let name = id + ".compensate"
    if draft.isFork { addUndoing(of: draft, name, at: index, &reader) }
    guard let undo = draft.compensation.first, !draft.isFork else { return }
    draft.checkCompensation(&reader)
    ids.append(name)
    var step = undo.step(id: name, of: rule, after: known, blocks: [], catalog, &reader)
    step?.compensates = index
    let place = steps.count
    steps.append(step)
    steps[index]?.compensation = place
  }

  /// Adds what has the branches of a step take back what they have done.
  private mutating func addUndoing(
    of draft: StepDraft,
    _ name: String,
    at index: Int,
    _ reader: inout NodeReader
  ) {
    draft.checkCompensation(&reader)
    ids.append(name)
    let place = steps.count
    steps.append(.undoing(name, of: index))
    steps[index]?.compensation = place
  }

  /// Says of each step of a block which comes after it: the next one of the block, or what comes after the block.
  private mutating func link(_ block: [Node], following: Int?) {
    for (place, node) in block.enumerated() {
      let next = place + 1 < block.count ? block[place + 1].index : following
      steps[node.index]?.following = next
      for inner in node.blocks { link(inner, following: node.isFork ? nil : next) }
    }
  }
}

extension Step {
  /// The same step, of which it is only noted what would be done.
  var shadow: Step {
    var step = self
    step.isShadow = true
    return step
  }

  /// The step that has the branches of a fork take back what they have done.
  fileprivate static func undoing(_ id: String, of fork: Int) -> Step {
    var step = Step(
      id: id,
      condition: nil,
      action: .undo,
      effects: .none,
      writes: [],
      timeout: .seconds(60),
      retry: nil,
      continuesOnError: false
    )
    step.compensates = fork
    return step
  }
}

extension ExpressionEnvironment.EarlierSteps {
  /// What may be spoken of in a block of a step.
  fileprivate func inside(isEach: Bool) -> Self {
    var inside = self
    if isEach { inside.hasItem = true }
    return inside
  }
}
