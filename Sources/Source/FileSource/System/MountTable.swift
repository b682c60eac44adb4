// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// Which devices hold file systems whose changes other machines or programs make unseen by the kernel.
struct MountTable: Sendable {
  private static let silentTypes: Set<Substring> = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "vboxsf", "vmhgfs", "glusterfs", "lustre",
    "virtiofs",
  ]

  private let silent: Set<UInt64>
  private let known: Set<UInt64>

  /// Reads a text in the form of `/proc/self/mountinfo`.
  init(_ text: String) {
    var silent: Set<UInt64> = []
    var known: Set<UInt64> = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, fields.count > 2 else { continue }
      let numbers = fields[2].split(separator: ":").compactMap { UInt64($0) }
      let type = fields[dash + 1]
      guard numbers.count == 2 else { continue }
      let device = Self.device(numbers[0], numbers[1])
      known.insert(device)
      if Self.silentTypes.contains(type) || type.hasPrefix("fuse") { silent.insert(device) }
    }
    self.silent = silent
    self.known = known
  }

  /// Reads the mounts of this process.
  init() {
    let content = FileManager.default.contents(atPath: "/proc/self/mountinfo") ?? Data()
    self.init(String(decoding: content, as: UTF8.self))
  }

  /// Whether a device was mounted when the table was read.
  func knows(_ device: UInt64) -> Bool { known.contains(device) }

  /// Whether a device reports no changes.
  func isSilent(_ device: UInt64) -> Bool { silent.contains(device) }

  /// The number that `stat` gives for a pair of major and minor number.
  static func device(_ major: UInt64, _ minor: UInt64) -> UInt64 {
    (minor & 0xFF) | (major & 0xFFF) << 8 | (minor & ~0xFF) << 12 | (major & ~0xFFF) << 32
  }
}
