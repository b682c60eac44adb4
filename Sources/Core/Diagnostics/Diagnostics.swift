// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// A `Diagnostic` tells a person what is wrong in something that they wrote: a rule file, an expression, a
// pattern. It is a value, not a thrown error: whoever reads a text puts what it finds into a `DiagnosticBag`
// and goes on, so that one pass shows everything. Places are byte ranges of a `SourceText`; lines and columns
// are computed when a diagnostic is rendered, as a picture with a caret for people, as one clickable line, or
// as JSON for programs.
//
// This module is pure.

/// Something wrong, or doubtful, in a text that a person wrote.
public struct Diagnostic: Sendable {
  /// How bad it is.
  public enum Severity: String, Sendable {
    /// The text cannot be used.
    case error
    /// The text can be used but probably does not mean what was meant.
    case warning
  }

  /// A part of a text.
  public struct Location: Sendable {
    /// The text.
    public let source: SourceText
    /// The part, in bytes; may be empty.
    public let range: Range<Int>

    /// Makes a location.
    public init(_ source: SourceText, _ range: Range<Int>) {
      self.source = source
      self.range = range
    }
  }

  /// A remark about another place.
  public struct Note: Sendable {
    /// The remark, lower case, without a full stop.
    public let message: String
    /// The place.
    public let location: Location

    /// Makes a note.
    public init(_ message: String, at location: Location) {
      self.message = message
      self.location = location
    }
  }

  /// The stable code in kebab case, for example `rule-unknown-key`.
  public let code: String
  /// How bad it is.
  public let severity: Severity
  /// What is wrong, what was expected and what was found: lower case, present tense, without a full stop.
  public let message: String
  /// Where it is.
  public let location: Location
  /// Other places that matter.
  public var notes: [Note]
  /// What to do about it.
  public var help: String?

  /// Makes a diagnostic.
  public init(
    _ code: String,
    _ message: String,
    at location: Location,
    severity: Severity = .error,
    notes: [Note] = [],
    help: String? = nil
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.location = location
    self.notes = notes
    self.help = help
  }
}
