// SPDX-License-Identifier: Apache-2.0

import Crypto
public import EventModel

/// The key under which a step is done, the same at every attempt and after every restart.
public enum IdempotencyKey {
  /// The first 128 bits of SHA-256 over event, rule and step, in hexadecimal.
  ///
  /// `source` and `id` are the bytes by which an event is known, as a batch holds them. `inputs` are the positions of all
  /// events when the rule reacts to several: one event may complete several of them. `path` says which branch of a run it is.
  public static func key(
    source: some Collection<UInt8>,
    id: some Collection<UInt8>,
    inputs: [LogPosition] = [],
    rule: String,
    step: Int,
    path: String? = nil
  ) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(source.count + id.count + rule.utf8.count + 32 + 24 * inputs.count)
    text.append(contentsOf: source)
    text.append(0)
    text.append(contentsOf: id)
    text.append(0)
    text.append(contentsOf: rule.utf8)
    text.append(0)
    JSONWriter.append(step, to: &text)
    text.append(0)
    for input in inputs {
      JSONWriter.append(input.rawValue, to: &text)
      text.append(0)
    }
    if let path {
      text.append(contentsOf: path.utf8)
      text.append(0)
    }
    return text.withUnsafeBytes { text in
      var hash = SHA256()
      hash.update(bufferPointer: text)
      return hash.finalize().withUnsafeBytes { Hexadecimal.text($0.prefix(16)) }
    }
  }
}
