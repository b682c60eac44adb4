// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Lets a part of a state be any JSON value.
extension JSONValue: Encodable {
  /// Encodes any value; only the encoder of this module can.
  public func encode(to encoder: any Encoder) throws {
    guard let encoder = encoder as? ValueEncoder else {
      throw EncodingError.invalidValue(
        self,
        .init(
          codingPath: encoder.codingPath,
          debugDescription: "only states and events of aggregates hold JSON values"
        )
      )
    }
    encoder.slot.content = .value(self)
  }
}

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
