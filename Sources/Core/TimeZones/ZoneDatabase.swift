// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Foundation
import Synchronization

/// The system's time zone database.
///
/// A zone is read once, when it is first asked for, and kept; safe to use from any thread.
public enum ZoneDatabase {
  private static let folders = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/var/db/timezone/zoneinfo"]
  /// The most zones that are kept, far more than there are, so that made-up names cannot fill memory.
  private static let limit = 2000
  private static let known = Mutex<[String: ZoneRules?]>([:])

  /// The rules of a zone such as `Europe/Berlin`; nil when the database has no such zone.
  public static func zone(named name: String) -> ZoneRules? {
    if name == "UTC" { return .utc }
    if let zone = known.withLock({ $0[name] }) { return zone }
    let zone = read(name)
    known.withLock { if $0.count < limit { $0[name] = .some(zone) } }
    return zone
  }

  private static func read(_ name: String) -> ZoneRules? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      part != "." && part != ".." && !part.isEmpty
        && part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
    guard isName else { return nil }
    for folder in folders {
      guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
      return ZoneRules(tzif: Array(data))
    }
    return nil
  }
}
