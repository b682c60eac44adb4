// SPDX-License-Identifier: Apache-2.0

/// The ids of the names of a run (`RunNames`).
struct NameIDs: Hashable {
  var rule: Int64
  var revision: Int64
  var listener: Int64
}
