// SPDX-License-Identifier: Apache-2.0

/// A condition of a pattern whose path is known by its number.
struct PatternCondition: Sendable {
  let path: Int
  let allowed: [ValuePattern]
  let allowsAbsence: Bool

  init(path: Int, allowed: [ValuePattern]) {
    self.path = path
    self.allowed = allowed
    allowsAbsence = allowed.contains(.absent)
  }

  func allows(_ leaf: LeafView) -> Bool {
    for pattern in allowed where pattern.allows(leaf) { return true }
    return false
  }
}
