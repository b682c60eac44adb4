// SPDX-License-Identifier: Apache-2.0

/// The fields of a cron expression and what each may hold.
enum CronField: CaseIterable {
  case second, minute, hour, day, month, weekday

  var name: String {
    switch self {
    case .second: "second"
    case .minute: "minute"
    case .hour: "hour"
    case .day: "day of month"
    case .month: "month"
    case .weekday: "day of week"
    }
  }

  var range: ClosedRange<Int> {
    switch self {
    case .second, .minute: 0...59
    case .hour: 0...23
    case .day: 1...31
    case .month: 1...12
    case .weekday: 0...7
    }
  }

  /// Names in the order of their numbers, beginning with the range's lower bound.
  var names: [String] {
    switch self {
    case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    case .weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
    default: []
    }
  }
}

/// What one field of an expression allows.
struct CronSet: Sendable, Hashable {
  /// The allowed numbers as bits.
  var numbers: UInt64 = 0
  /// Whether the field begins with `*` or `?`, which makes it unrestricted beside the other day field.
  var isOpen = false
  /// Day of month `L`.
  var hasLastDay = false
  /// Day of month `LW`: the last day from Monday to Friday.
  var hasLastWorkday = false
  /// Days of the week that must be the last of the month (`5L`), as bits.
  var lastWeekdays: UInt8 = 0
  /// For each n from 1 to 5, at index n, the days of the week that must be the n-th (`1#2`), as bits.
  var nthWeekdays: [UInt8] = []

  func contains(_ number: Int) -> Bool { numbers >> UInt64(number) & 1 == 1 }

  /// The smallest allowed number from `number` on.
  func next(from number: Int) -> Int? {
    let rest = number < 64 ? numbers >> UInt64(number) : 0
    return rest == 0 ? nil : number + rest.trailingZeroBitCount
  }
}
