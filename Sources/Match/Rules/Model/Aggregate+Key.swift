// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Expressions

extension Aggregate {
  /// What an event's thing is called; nil when the event is of none.
  ///
  /// Numbers and texts that people write the same are the same key. - Throws: `AggregateFailure` when the key has no value.
  public func key(of event: JSONDocument) throws(AggregateFailure) -> String? {
    guard event.root["erased"]?.bool != true else { return nil }
    guard let key else { return keyOfSubject(event.root["subject"]?.string) }
    let part = Condition(expression: key.expression, place: key.place)
    let scope = Scope(event: JSONContent(event))
    guard try value(of: part, in: scope) != .null else { return nil }
    do throws(EvaluationError) {
      let text = try key.expression.text(in: scope)
      return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    } catch {
      throw AggregateFailure(aggregate: id, part: part, error: error)
    }
  }

  private func keyOfSubject(_ subject: String?) -> String? {
    guard let subject, subject.hasPrefix(id + "/") else { return nil }
    let key = subject.dropFirst(id.count + 1)
    return key.isEmpty ? nil : String(key)
  }

  /// The subject of the events of a thing, unless they say another one.
  public func subject(of key: String) -> String { "\(id)/\(key)" }
}
