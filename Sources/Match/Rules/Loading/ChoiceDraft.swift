// SPDX-License-Identifier: Apache-2.0

import EventModel

/// One of several ways on, as written.
struct ChoiceDraft {
  private(set) var condition: YAMLNode?
  private(set) var steps: [StepDraft] = []

  static let record: Record<ChoiceDraft> = Record(
    "a choice",
    make: { _ in ChoiceDraft() },
    fields: [
      Field(
        "condition",
        "What must hold for this way to be taken, in CEL; the first one that holds is.",
        .node(["type": ["string", "boolean"]]),
        isRequired: true
      ) { $0.condition = $1 },
      Field("actions", "What is done then, step by step.", StepDraft.steps, isRequired: true) {
        $0.steps = $1
      },
    ]
  )
}
