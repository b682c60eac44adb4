// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import PluginWire

/// A parameter of a command as written: the word for its type, or more.
struct ParameterDraft {
  /// The types, by the words for them.
  private enum Kind: String, CaseIterable {
    case any, string, integer, number, boolean, list, map
  }

  private var kind = Kind.any
  private var isRequired = true
  private var description = ""
  private var allowed: [String] = []

  static let shape = Shape<ParameterDraft>(
    schema: ["anyOf": [Shape<Kind>.word().schema, record.shape.schema]]
  ) { node, reader in
    if case .mapping = node.content { return record.read(node, &reader) }
    return Shape<Kind>.word().read(node, &reader).map { kind in
      var draft = ParameterDraft()
      draft.kind = kind
      return draft
    }
  }

  private static let record = Record(
    "a parameter",
    make: { _ in ParameterDraft() },
    fields: [
      Field("type", "What kind of value it is.", .word()) { $0.kind = $1 },
      Field("required", "Whether it must be given, which it must unless this says false.", .boolean) {
        $0.isRequired = $1
      },
      Field("description", "What it is for.", .text) { $0.description = $1 },
      Field("enum", "The texts that are possible.", .list(.text)) { $0.allowed = $1 },
    ]
  )

  func property(_ name: String) -> ParameterSchema.Property {
    ParameterSchema.Property(name, schema, isRequired: isRequired, summary: description)
  }

  private var schema: ParameterSchema {
    switch kind {
    case .any: allowed.isEmpty ? .any : .string(allowed: allowed)
    case .string: .string(allowed: allowed)
    case .integer: .integer
    case .number: .number
    case .boolean: .boolean
    case .list: .list(.any)
    case .map: .map(.any)
    }
  }
}
