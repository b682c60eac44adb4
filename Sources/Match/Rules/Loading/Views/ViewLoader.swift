// SPDX-License-Identifier: Apache-2.0

import Diagnostics

extension RuleLoader {
  /// The views of files that were found right before, whatever else they hold.
  ///
  /// Views need no plugins, so they can be read where those are not known.
  public static func views(of files: [RuleFile]) -> [ViewDefinition] {
    files.flatMap { file in
      var reader = NodeReader(source: SourceText(name: file.name, bytes: file.bytes))
      let draft = YAMLComposer.compose(file.bytes).0.flatMap { FileDraft.record.read($0, &reader) }
      return draft?.views.compactMap { $0.value.definition(id: $0.id, &reader) } ?? []
    }
  }
}
