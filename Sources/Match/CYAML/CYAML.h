// SPDX-License-Identifier: Apache-2.0
// The system's libyaml, imported as it is.
#include <yaml.h>
