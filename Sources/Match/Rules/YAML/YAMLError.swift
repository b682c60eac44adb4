// SPDX-License-Identifier: Apache-2.0

/// Why a document could not be read, and where.
struct YAMLError: Error, Hashable {
  enum Code: String, CaseIterable {
    /// The text breaks a rule of YAML.
    case syntax = "yaml-syntax"
    /// The text is not UTF-8, or holds a character that YAML forbids.
    case encoding = "yaml-encoding"
    /// A file is larger, deeper or longer than allowed.
    case limit = "yaml-limit"
    /// A mapping has a key twice.
    case duplicateKey = "yaml-duplicate-key"
    /// A key is a list or a mapping.
    case complexKey = "yaml-complex-key"
    /// A tag asks for a type that rules do not have.
    case tag = "yaml-tag"
    /// An alias names no anchor, or one that it lies in.
    case alias = "yaml-alias"
    /// A file holds more than one document.
    case manyDocuments = "yaml-many-documents"
  }

  let code: Code
  let message: String
  let range: Range<Int>
  /// Where what the message speaks of began, or stood before.
  var note: Note?
  var help: String?

  struct Note: Hashable {
    let message: String
    let range: Range<Int>
  }

  init(_ code: Code, _ message: String, at range: Range<Int>, note: Note? = nil, help: String? = nil) {
    self.code = code
    self.message = message
    self.range = range
    self.note = note
    self.help = help
  }
}
