// SPDX-License-Identifier: Apache-2.0

extension EventIntake {
  /// Checks and appends every event of a JSON array (CloudEvents JSON Format, section 4); all of them or none.
  ///
  /// The array as a whole may be as large as one event may be.
  public mutating func appendAll(_ text: Span<UInt8>, to batch: inout EventBatch) throws(EventError) {
    var tape = JSONTape()
    do throws(JSONError) {
      try tape.scan(text, limits: .event)
    } catch {
      throw EventError(error)
    }
    guard tape.kind(0) == .array else {
      throw EventError(.notAnArray, at: tape.rawRange(0).lowerBound, "a batch is a JSON array of events")
    }
    var taken = EventBatch()
    var element = 1
    while element < tape.end(0) {
      let range = tape.rawRange(element)
      do throws(EventError) {
        try append(text.extracting(range), to: &taken)
      } catch {
        throw error.moved(by: range.lowerBound)
      }
      element = tape.end(element)
    }
    batch.append(taken)
  }
}
