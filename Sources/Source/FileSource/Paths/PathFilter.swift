// SPDX-License-Identifier: Apache-2.0

/// What of a tree is of interest, as far as the options say.
struct PathFilter: Sendable {
  private struct Pattern: Sendable {
    let glob: Glob
    let isForPath: Bool

    func matches(_ path: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
      glob.matches(isForPath ? path : name)
    }
  }

  private let include: [Pattern]
  private let exclude: [Pattern]
  let honoursIgnoreFiles: Bool

  /// Makes a filter.
  init(include: [String], exclude: [String], honoursIgnoreFiles: Bool) throws(GlobParser.Flaw) {
    self.include = try Self.patterns(include)
    self.exclude = try Self.patterns(exclude)
    self.honoursIgnoreFiles = honoursIgnoreFiles
  }

  private static func patterns(_ texts: [String]) throws(GlobParser.Flaw) -> [Pattern] {
    var patterns: [Pattern] = []
    for text in texts {
      let trimmed = text.hasPrefix("./") ? String(text.dropFirst(2)) : text
      let anchored = trimmed.hasPrefix("/") ? String(trimmed.dropFirst()) : trimmed
      for glob in try GlobParser.globs(anchored) {
        patterns.append(Pattern(glob: glob, isForPath: text.utf8.contains(0x2F)))
      }
    }
    return patterns
  }

  /// Whether a path, relative to its root, may be looked at at all; if not, nothing below it is either.
  func admits(_ path: ArraySlice<UInt8>) -> Bool {
    let name = Self.name(path)
    if honoursIgnoreFiles, Array(name) == Array(".git".utf8) { return false }
    return !exclude.contains { $0.matches(path, name) }
  }

  /// Whether changes of a path that is admitted are reported.
  func reports(_ path: ArraySlice<UInt8>) -> Bool {
    let name = Self.name(path)
    guard !Self.isPrivateToEditors(name) else { return false }
    return include.isEmpty || include.contains { $0.matches(path, name) }
  }

  private static func name(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    path[(path.lastIndex(of: 0x2F).map { $0 + 1 } ?? path.startIndex)...]
  }

  /// Files that an editor keeps beside the edited one for as long as it is open, not only while it saves.
  private static let editorGlobs = [
    ".*.sw[a-p]", ".*.sw[a-p]x", ".sw[a-p]", ".#*", "#*#", ".goutputstream-??????",
  ].compactMap { try? GlobParser.glob(Array($0.unicodeScalars)) }

  private static func isPrivateToEditors(_ name: ArraySlice<UInt8>) -> Bool {
    guard let first = name.first, first == 0x2E || first == 0x23 else { return false }
    return editorGlobs.contains { $0.matches(name) }
  }
}
