// SPDX-License-Identifier: Apache-2.0

/// An event that somebody here gives rise to, tied to the event that it follows from.
public enum Emission {
  /// The attributes that the host sets, whatever the event says of them.
  private static let stamped = ["correlationid", "causationid", "hops"]

  /// Checks an event, a JSON object, and appends it to `batch` as a consequence of `cause`.
  ///
  /// It is from `source` unless it names another one; nil for a cause that cannot be read, or for none. After an error the batch is as it was.
  public static func append(
    _ event: [UInt8],
    from source: String,
    cause: JSONView?,
    clock: any HostClock,
    to batch: inout EventBatch
  ) throws(EventError) {
    var intake = EventIntake(defaultSource: source, clock: clock)
    guard let value = try? JSONValue(json: event), case .object(let members) = value else {
      // What is no object cannot be stamped; the intake says what is wrong with it.
      return try intake.append(event.span, to: &batch)
    }
    var stampedEvent = members.filter { !stamped.contains($0.key) }
    if let cause, let id = cause["id"]?.string {
      stampedEvent += [
        .init("correlationid", .string(cause["correlationid"]?.string ?? id)),
        .init("causationid", .string(id)), .init("hops", .number(String((cause["hops"]?.int ?? 0) + 1))),
      ]
    }
    var bytes: [UInt8] = []
    JSONValue.object(stampedEvent).appendJSON(to: &bytes)
    try intake.append(bytes.span, to: &batch)
  }
}
