// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Lets a parameter be any JSON value.
extension JSONValue: Decodable {
  /// Decodes any value; only the decoders of this module can.
  public init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? ParameterDecoder else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "only parameters of actions hold JSON values")
      )
    }
    self.init(decoder.view)
  }
}
