// SPDX-License-Identifier: Apache-2.0

#include "CSpawn.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

void earshot_give_back_buffers(int size) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, size);
#else
  (void)size;
#endif
}
