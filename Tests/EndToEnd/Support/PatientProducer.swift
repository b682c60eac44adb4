// SPDX-License-Identifier: Apache-2.0

/// Sends events, over a new connection whenever one ends, for as long as there is a host.
struct PatientProducer {
  let path: String
  /// What the ids of its events begin with.
  var prefix = "load"

  /// Sends some events and gives the ids of those that were acknowledged; each is sent once.
  func send(_ count: Int) -> [String] {
    var acknowledged: [String] = []
    var rest = (0..<count).map { "\(prefix)-\($0)" }[...]
    while !rest.isEmpty, let socket = try? EventSocket(path) {
      var isOpen = true
      while isOpen, !rest.isEmpty {
        let some = rest.prefix(5)
        rest = rest.dropFirst(5)
        let lines = some.map { #"{"type":"load","id":"\#($0)","source":"load"}"# + "\n" }
        isOpen = socket.send(lines.joined())
        for id in some where isOpen {
          guard let answer = socket.answer() else {
            isOpen = false
            break
          }
          if answer.hasPrefix(#"{"position""#) { acknowledged.append(id) }
        }
      }
    }
    return acknowledged
  }
}
