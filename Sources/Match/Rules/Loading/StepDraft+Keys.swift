// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The keys that a step may have.
extension StepDraft {
  /// A list of steps, or one alone, as they stand in rules and in steps.
  static let steps: Shape<[StepDraft]> = .oneOrMore(step)

  private static let step: Shape<StepDraft> = Shape(schema: ["$ref": "#/$defs/step"]) { node, reader in
    record.read(node, &reader)
  }

  static let record: Record<StepDraft> = Record(
    "a step",
    make: { StepDraft(range: $0) },
    fields: [
      Field("id", "The name by which later steps call this one.", .node(["type": "string"])) { step, node in
        step.id = node.text
      },
      action("run", "A command and its arguments.", ["type": "array"]),
      action("uses", "A plugin's action, as plugin.action.", ["type": "string"]),
      Field("with", "The action's parameters.", .node(["type": "object"])) { $0.with = $1 },
      action("emit", "An event to append.", ["type": "object"]),
      action("wait", "How long nothing is done, or until when.", ["type": ["string", "object"]]),
      action("set", "Values that later steps find under vars.", ["type": "object"]),
      action("fail", "The run is given up, for this reason.", ["type": "string"]),
      Field("choose", "Ways on, of which the first is taken whose condition holds.", ways) {
        step,
        choices in
        step.choices = choices.list
        step.actions.append(("choose", choices.node))
      },
      Field("await", "An event for which nothing is done until it comes.", awaited) { step, awaited in
        step.awaited = awaited.draft
        step.actions.append(("await", awaited.node))
      },
      Field("else", "What is done when no way is open, or nothing has come in time.", steps) {
        $0.otherwise = $1
      },
      Field("parallel", "Steps, or lists of steps, that are made side by side.", branches) { step, branches in
        step.fork.blocks = branches.list
        step.actions.append(("parallel", branches.node))
      },
      action(
        "for_each",
        "A list; the actions are made for each of its items.",
        ["type": ["string", "array"]]
      ),
      Field("actions", "What is done for each item, which is `item`, step by step.", steps) {
        $0.fork.actions = $1
      },
      Field("concurrency", "For how many items something is done at once.", .placed(.integer(1...1000))) {
        $0.fork.concurrency = $1
      },
      Field("wait_for", "How many branches must succeed: all, any, or a number.", .placed(.waitFor)) {
        $0.fork.waitFor = $1
      },
      action("call", "A rule whose actions are made, which finds `with` under input.", ["type": "string"]),
      Field(
        "condition",
        "What must hold for the step to be made, in CEL; otherwise it is passed over.",
        .node(["type": ["string", "boolean"]])
      ) { $0.condition = $1 },
      Field("timeout", "How long an attempt may take.", .placed(.duration)) { $0.timeout = $1 },
      Field("retry", "How a failure is tried again.", .placed(RetryPolicy.record.shape)) { $0.retry = $1 },
      Field("continue_on_error", "Whether the run goes on when the step has failed for good.", .boolean) {
        $0.continuesOnError = $1
      },
      Field("compensate", "What takes the step back when the run fails later.", step) {
        $0.compensation = [$1]
      },
    ]
  )

  /// A key that says what is done; a step has one of them.
  private static func action(_ key: String, _ summary: String, _ schema: JSONValue) -> Field<StepDraft> {
    Field(key, summary, .node(schema)) { $0.actions.append((key, $1)) }
  }

  private static let ways: Shape<(list: [ChoiceDraft], node: YAMLNode)> = Shape(
    schema: ["type": "array", "items": ChoiceDraft.record.shape.schema]
  ) { node, reader in
    let list = Shape<[ChoiceDraft]>.list(ChoiceDraft.record.shape).read(node, &reader)
    if list?.isEmpty == true { reader.report(.range, "the list is empty", at: node.range) }
    // What is no list has been reported; it is a choice all the same.
    return (list ?? [], node)
  }

  private static let branches: Shape<(list: [[StepDraft]], node: YAMLNode)> = Shape(
    schema: ["type": "array", "items": steps.schema]
  ) { node, reader in
    let list = Shape<[[StepDraft]]>.list(steps).read(node, &reader)
    if list?.isEmpty == true { reader.report(.range, "the list is empty", at: node.range) }
    return (list ?? [], node)
  }

  private static let awaited: Shape<(draft: AwaitDraft?, node: YAMLNode)> = Shape(
    schema: AwaitDraft.record.shape.schema
  ) { node, reader in (AwaitDraft.record.read(node, &reader), node) }
}

extension RetryPolicy {
  static let record = Record(
    "a retry",
    make: { _ in RetryPolicy() },
    fields: [
      Field("attempts", "The number of attempts in all.", .integer(1...1000)) { $0.attempts = $1 },
      Field("initial", "The pause after the first failure.", .duration) { $0.initial = $1 },
      Field("backoff", "What each further pause is multiplied with.", .number(1...100)) { $0.backoff = $1 },
      Field("max", "The longest pause.", .duration) { $0.maximum = $1 },
      Field("jitter", "The share by which a pause may be moved.", .number(0...1)) { $0.jitter = $1 },
    ]
  )
}
