// SPDX-License-Identifier: Apache-2.0

/// What a file source watches and how.
public struct FilePlan: Sendable {
  /// What can happen to a file.
  public enum Kind: String, Sendable, CaseIterable {
    /// A path that was not there is there, complete.
    case created
    /// The content at a path is another.
    case modified
    /// A path is not there any more.
    case deleted
    /// A path has become another.
    case moved
  }

  /// The absolute paths of folders and files.
  public let paths: [String]
  /// Whether folders below the paths are watched too.
  public let isRecursive: Bool
  /// The kinds of events that are wanted.
  public let kinds: Set<Kind>
  /// How often everything is looked at, for file systems that report no changes.
  public let poll: Duration
  /// Whether changes are found by looking, even where they could be reported.
  public let isPolling: Bool
  /// How long a path must be at rest before its change is reported.
  public let settle: Duration

  let filter: PathFilter
  /// Changes when other paths are of interest than before.
  let fingerprint: [UInt8]
}
