// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// Sends HTTP requests.
///
/// Settings: `allow_hosts`, a list of the hosts to which requests may go, such as `api.example.com` or
/// `*.example.com`; without it they may go everywhere.
@main struct Http: Listener {
  static let actions = [
    action("request", Request.self, summary: "Sends a request and gives the answer.", effects: .irreversible)
  ]
}
