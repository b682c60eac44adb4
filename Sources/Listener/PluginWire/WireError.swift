// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A line that breaks the protocol.
public struct WireError: Error, Hashable, CustomStringConvertible {
  /// What is wrong with it.
  public let description: String

  init(_ description: String) { self.description = description }

  static func document(_ line: [UInt8]) throws(WireError) -> JSONDocument {
    do throws(JSONError) {
      return try JSONDocument(line, limits: .wire)
    } catch {
      throw WireError("not JSON: \(error)")
    }
  }

  static func id(_ root: JSONView) throws(WireError) -> UInt64 {
    guard let id = root["id"]?.int, id >= 0 else { throw WireError("the id is missing or no number") }
    return UInt64(id)
  }
}

extension JSONLimits {
  /// The limits of a line: an event at its deepest, inside the message that carries it.
  static let wire = JSONLimits(
    maximumBytes: PluginWire.maximumLine,
    maximumDepth: JSONLimits.event.maximumDepth + 4,
    allowsDuplicateKeys: false
  )
}
