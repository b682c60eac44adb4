// SPDX-License-Identifier: Apache-2.0

import Crypto
import EventModel

/// The key under which a step is done, the same at every attempt and after every restart.
public enum IdempotencyKey {
  /// The first 128 bits of SHA-256 over event, rule and step, in hexadecimal.
  public static func key(source: String, id: String, rule: String, step: Int) -> String {
    var hash = SHA256()
    for part in [source, id, rule, String(step)] {
      hash.update(data: Array(part.utf8))
      hash.update(data: [0])
    }
    return Hexadecimal.text(hash.finalize().prefix(16))
  }
}
