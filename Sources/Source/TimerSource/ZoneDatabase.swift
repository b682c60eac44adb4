// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Foundation

/// The system's time zone database.
public enum ZoneDatabase {
  private static let folders = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/var/db/timezone/zoneinfo"]

  /// The rules of a zone such as `Europe/Berlin`; nil when the database has no such zone.
  public static func zone(named name: String) -> ZoneRules? {
    if name == "UTC" { return .utc }
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
