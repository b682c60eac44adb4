// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Diagnostics
public import EventModel

/// A rule file as it was read.
public struct RuleFile: Sendable {
  /// The name by which diagnostics call it.
  public let name: String
  /// Its content.
  public let bytes: [UInt8]

  /// Makes a file.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// Puts rule files together to one set.
public enum RuleLoader {
  /// Reads and checks files; the set is nil when there is any error.
  ///
  /// Everything wrong in any file is in the bag.
  public static func load(
    _ files: [RuleFile],
    actions: any ActionCatalog,
    sources: any SourceCatalog
  ) -> (rules: RuleSet?, diagnostics: DiagnosticBag) {
    var assembly = RuleAssembly(actions: actions, sources: sources)
    for file in files { assembly.add(file) }
    let bag = assembly.finish()
    guard !bag.hasErrors else { return (nil, bag) }
    let set = RuleSet(
      revision: revision(of: files),
      rules: assembly.rules,
      sources: assembly.sourceDefinitions,
      listeners: assembly.listeners,
      views: assembly.views,
      aggregates: assembly.aggregates,
      settings: assembly.settings
    )
    return (set, bag)
  }

  /// The JSON Schema of a rule file, for editors; made from the declarations by which files are read.
  public static var schema: JSONValue {
    guard case .object(let members) = FileDraft.record.shape.schema else {
      preconditionFailure("a schema is an object")
    }
    // Steps may stand in steps, so what they are is said once.
    let parts: JSONValue = ["step": StepDraft.record.shape.schema]
    return .object(
      [.init("$schema", "https://json-schema.org/draft/2020-12/schema")] + members + [.init("$defs", parts)]
    )
  }

  private static func revision(of files: [RuleFile]) -> String {
    var hash = SHA256()
    for file in files {
      hash.update(data: Array("\(file.name.utf8.count):\(file.bytes.count):\(file.name)".utf8))
      hash.update(data: file.bytes)
    }
    return hash.finalize().withUnsafeBytes { Hexadecimal.text($0.prefix(8)) }
  }
}
