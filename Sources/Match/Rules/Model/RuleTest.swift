// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Expressions

/// What a rule must do for some events.
public struct RuleTest: Sendable {
  /// An event that happens.
  public struct Given: Sendable {
    /// The event's attributes; a JSON object with at least a `type`.
    public let event: JSONValue
    /// When it happens, counted from the beginning of the test.
    public let offset: Duration

    /// Describes an event.
    public init(event: JSONValue, offset: Duration = .zero) {
      self.event = event
      self.offset = offset
    }
  }

  /// What is expected of the rule, and when.
  public struct Expected: Sendable {
    /// What is expected.
    public let expectation: Expectation
    /// When it is expected, counted from the beginning of the test; nil for any time.
    public let offset: Duration?
  }

  /// What is expected of the rule.
  public enum Expectation: Sendable {
    /// The step with that id is made; with parameters, those that are given are equal.
    case action(step: String, with: ValueTemplate?)
    /// An event is emitted whose attributes are equal as far as they are given.
    case emit(ValueTemplate)
    /// The rule's condition has no value, for the reason with that code if one is given.
    case failure(code: String?)
  }

  /// The test's name, a sentence.
  public let name: String
  /// Where it stands.
  public let place: Condition.Place
  /// The events, in the order in which they were written.
  public let given: [Given]
  /// Variables of the environment that the rule shall see, besides and before those of the host.
  public let environment: [String: String]
  /// What the steps with these ids yield; other steps yield nothing.
  public let outputs: [String: JSONValue]
  /// Why the steps with these ids fail, for good.
  public let failures: [String: String]
  /// All that the rule does, in order; nothing when it is empty.
  public let expected: [Expected]

  /// A test with other events, outputs and failures, of which nothing is expected.
  public func with(
    given: [Given],
    outputs: [String: JSONValue],
    failures: [String: String]
  ) -> RuleTest {
    RuleTest(
      name: name,
      place: place,
      given: given,
      environment: environment,
      outputs: outputs,
      failures: failures,
      expected: []
    )
  }

  /// A test that stands in no file.
  public static let unwritten = RuleTest(
    name: "",
    place: Condition.Place(file: "", line: 0, column: 0),
    given: [],
    environment: [:],
    outputs: [:],
    failures: [:],
    expected: []
  )
}
